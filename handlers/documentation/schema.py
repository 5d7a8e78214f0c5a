"""The description's own address. Pure."""

from __future__ import annotations

from typing import Any

from handlers.schema import Endpoint, Endpoints

ENDPOINTS: Endpoints = {
    ("GET", "/api/schema/"): Endpoint(summary="This description", tag="operations", answer=dict[str, Any])
}
