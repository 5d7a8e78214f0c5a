"""What storms hold back, as the API shows it. Pure."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from domain.policies import Channel
from handlers.lists import Filter, Listing
from handlers.schema import Endpoint, Endpoints, Moment

Kind = Literal["person", "digest", "stakeholder", "war_rooms"]


class HeldBack(TypedDict):
    """One message that gathers: a person's or a stakeholder's, which leaves at `due_at`, or a channel's digest, which
    is there already and has `cards` that follow when it is calm; or a team's war rooms, decided on again then."""

    kind: Kind
    channel: Channel
    name: str
    incidents: int
    cards: int
    since: Moment
    due_at: Moment | None


class Storms(TypedDict):
    """Everything that is held back now, unless a page is asked for."""

    count: int
    next: str | None
    previous: str | None
    results: list[HeldBack]


LISTING = Listing(
    orders=("since", "due_at", "name", "incidents"),
    words=("name",),
    filters=(Filter("kind"), Filter("channel", choices=Channel)),
    is_whole=True,
)
ENDPOINTS: Endpoints = {
    ("GET", "/api/v1/storms/"): Endpoint(
        summary="What is held back now in storms, for whom and until when",
        tag="figures",
        scope="read",
        parameters=LISTING.parameters(),
        answer=Storms,
    )
}
