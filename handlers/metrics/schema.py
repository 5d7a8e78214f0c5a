"""What Prometheus reads. Pure."""

from __future__ import annotations

from handlers.schema import Endpoint, Endpoints

ENDPOINTS: Endpoints = {
    ("GET", "/metrics"): Endpoint(summary="Figures for Prometheus", tag="operations", answer=str, media=("text/plain",))
}
