"""How the process is, as it says itself. Pure."""

from __future__ import annotations

from typing_extensions import TypedDict

from handlers.schema import Endpoint, Endpoints


class Alive(TypedDict):
    """The process lives."""

    status: str
    version: str


class Part(TypedDict):
    """One part of what paging takes."""

    ok: bool
    detail: str


class Ready(TypedDict):
    """Whether it is able to page."""

    status: str
    checks: dict[str, Part]


ENDPOINTS: Endpoints = {
    ("GET", "/healthz"): Endpoint(summary="The process lives", tag="operations", answer=Alive),
    ("GET", "/readyz"): Endpoint(summary="It is able to page", tag="operations", answer=Ready, others={503: Ready}),
}
