"""Holes in the schedules as the API shows them. Pure."""

from __future__ import annotations

from typing_extensions import TypedDict

from domain.coverage import Cover
from domain.incidents import Severity
from domain.policies import Channel
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
    """The holes of the next 14 days."""

    looked_at: Moment | None
    count: int
    results: list[Hole]


ENDPOINTS: Endpoints = {
    ("GET", "/api/v1/coverage/"): Endpoint(
        summary="When, in the next 14 days, a page reaches nobody", tag="figures", scope="read", answer=Coverage
    )
}
