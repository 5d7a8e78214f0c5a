"""Sources that say that they live, as the API shows them. Pure."""

from __future__ import annotations

from typing_extensions import TypedDict

from domain.incidents import Severity
from handlers.lists import SEVERITY, Filter, Listing
from handlers.schema import Endpoint, Endpoints, Moment

BASE = "/api/v1/heartbeats/"


class Heartbeat(TypedDict):
    """A source; `silent_at` is when its silence opens an incident, unless it is heard before."""

    id: str
    name: str
    service: str
    severity: Severity
    every_minutes: int
    grace_minutes: int
    is_active: bool
    heard_at: Moment | None
    silent_at: Moment | None
    is_silent: bool


class HeartbeatPage(TypedDict):
    """A page of sources, by name."""

    count: int
    next: str | None
    previous: str | None
    results: list[Heartbeat]


LISTING = Listing(
    orders=("name", "service", "severity", "heard_at", "silent_at"),
    words=("name", "service"),
    filters=(Filter("service"), SEVERITY, Filter("is_active"), Filter("is_silent")),
)
ENDPOINTS: Endpoints = {
    ("GET", BASE): Endpoint(
        summary="Sources that say that they live",
        tag="alerts",
        scope="read",
        parameters=LISTING.parameters(),
        answer=HeartbeatPage,
    ),
    ("GET", BASE + "{id}/"): Endpoint(summary="One source", tag="alerts", scope="read", answer=Heartbeat),
    ("POST", BASE + "{id}/"): Endpoint(
        summary="A sign of life; its silence is over", tag="alerts", scope="ingest", answer=Heartbeat
    ),
}
