"""Holes in the schedules as the API shows them. Pure."""

from __future__ import annotations

from typing_extensions import TypedDict

from domain.coverage import Cover
from domain.incidents import Severity
from domain.policies import Channel
from handlers.lists import SEVERITY, Filter, Listing
from handlers.schema import Endpoint, Endpoints, Moment


class Hole(TypedDict):
    """An incident of these services that opens from `start` until `end` reaches nobody, or one person one way."""

    team: str
    severity: Severity
    services: list[str]
    start: Moment
    end: Moment
    cover: Cover
    person: str
    channel: Channel | None


class Coverage(TypedDict):
    """The holes of the next 14 days, all of them unless a page is asked for."""

    looked_at: Moment | None
    count: int
    next: str | None
    previous: str | None
    results: list[Hole]


LISTING = Listing(
    orders=("start", "end", "team", "severity"),
    words=("team", "services", "person"),
    filters=(
        Filter("service", "services"),
        Filter("team"),
        SEVERITY,
        Filter("cover", choices=Cover),
        Filter("person"),
        Filter("channel", choices=Channel),
    ),
    is_whole=True,
)
ENDPOINTS: Endpoints = {
    ("GET", "/api/v1/coverage/"): Endpoint(
        summary="When, in the next 14 days, a page reaches nobody",
        tag="figures",
        scope="read",
        parameters=LISTING.parameters(),
        answer=Coverage,
    )
}
