"""An incident's war room: what its channel is called, who belongs in it, and what is to be done next so that it is as
it should be. Pure: whoever carries it out writes down each step, and may die between any two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.directory import Directory
from domain.escalations import address_of
from domain.incidents import Incident
from domain.people import Person
from domain.policies import Channel
from domain.responses import Response

LONGEST_NAME = 80
"""Characters of a channel's name (docs.slack.dev, conversations.create)."""
_ROOM_FOR_A_SUFFIX = 4
AT_ONCE = 100
"""People whom one call invites (docs.slack.dev, conversations.invite)."""


class RoomState(StrEnum):
    """Where a war room stands. The values are public: the API shows them."""

    WANTED = "wanted"
    OPEN = "open"
    ARCHIVED = "archived"
    FAILED = "failed"
    """It can't be made; somebody may ask for it again once that is mended."""


class Step(StrEnum):
    """Something to do for a room: each may be done twice without harm."""

    CREATE = "create"
    TOPIC = "topic"
    CARD = "card"
    PIN = "pin"
    INVITE = "invite"
    BOOKMARK = "bookmark"
    SUMMARY = "summary"
    ARCHIVE = "archive"
    FORGET = "forget"
    """It is over before there was a room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A war room as far as it has come.

    `name` is the channel's name, or the one that it is to get; `is_begun` once Slack was asked for a channel of that
    name, `taken` how many names were somebody else's. `guests` (Slack ids or addresses) are invited beside those who
    belong there, `invited` were. `given_up` are steps that Slack refuses for good. `wake_at` is when it is to be
    looked at again. One that `is_held` waits for the end of a storm, or for somebody who takes its incident.
    """

    incident: str
    state: RoomState = RoomState.WANTED
    name: str = ""
    taken: int = 0
    is_begun: bool = False
    channel: str = ""
    asked_by: str = ""
    guests: tuple[str, ...] = ()
    invited: tuple[str, ...] = ()
    topic: str = ""
    is_carded: bool = False
    is_pinned: bool = False
    bookmark: str = ""
    bookmarked: str = ""
    """What the bookmark leads to."""
    is_summed_up: bool = False
    given_up: tuple[Step, ...] = ()
    wake_at: datetime | None = None
    opened_at: datetime | None = None
    archived_at: datetime | None = None
    is_held: bool = False

    @property
    def is_live(self) -> bool:
        """Whether it is there, or being made."""
        return self.state in (RoomState.WANTED, RoomState.OPEN) and not self.is_held


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a room is to be, as things are now. `bookmarked` names what the bookmark is to lead to, "" for nothing yet;
    `archive_at` is None while the incident is open."""

    people: tuple[str, ...] = ()
    topic: str = ""
    bookmarked: str = ""
    archive_at: datetime | None = field(default=None)


def following(room: Room, wish: Wish, now: datetime) -> Step | None:
    """What to do next; None when all is as it should be, or has to wait."""
    if not room.is_live:
        return None
    if not room.channel:
        if wish.archive_at is not None and not room.is_begun:
            return Step.FORGET
        return Step.CREATE
    return next((step for step, is_due in _due(room, wish, now) if is_due and step not in room.given_up), None)


def _due(room: Room, wish: Wish, now: datetime) -> list[tuple[Step, bool]]:
    """Furnished first, then the people: whoever comes finds it as it should be. What the end needs comes last."""
    is_over = wish.archive_at is not None
    return [
        (Step.TOPIC, room.topic != wish.topic),
        (Step.CARD, not room.is_carded),
        (Step.PIN, room.is_carded and not room.is_pinned and not is_over),
        (Step.INVITE, bool(missing(room, wish)) and not is_over),
        (Step.BOOKMARK, bool(wish.bookmarked) and room.bookmarked != wish.bookmarked and not is_over),
        (Step.SUMMARY, is_over and not room.is_summed_up),
        (Step.ARCHIVE, wish.archive_at is not None and wish.archive_at <= now),
    ]


def missing(room: Room, wish: Wish) -> tuple[str, ...]:
    """Who is to be invited now. Whoever was invited and left is not asked again."""
    return tuple(one for one in dict.fromkeys((*wish.people, *room.guests)) if one not in room.invited)[:AT_ONCE]


def belonging(incident: Incident, directory: Directory, now: datetime) -> tuple[tuple[Person, ...], str]:
    """Who belongs in an incident's room, first those who are to act; and the Slack id of whoever has it, whom the
    catalog may not know."""
    team = directory.teams.get(incident.team)
    named = (incident.owner, incident.lead, incident.communications, team.lead if team else "")
    ids = dict.fromkeys((*named, *(one.id for one in directory.on_call(incident.team, now))))
    people = (directory.people[one] for one in ids if one in directory.people)
    return tuple(one for one in people if one.is_active), incident.acknowledged_slack


def addresses(people: Sequence[Person], slack: str = "") -> tuple[str, ...]:
    """Where Slack finds them: ids, and the addresses of those whose id is not known."""
    found = (address_of(one, Channel.SLACK) for one in people)
    return tuple(dict.fromkeys(one for one in (slack, *found) if one))


def archive_at(incident: Incident, response: Response) -> datetime | None:
    """When the room of an incident that is over is archived."""
    if incident.is_open or incident.resolved_at is None:
        return None
    return incident.resolved_at + timedelta(minutes=response.archive_delay)


def is_wanted(incident: Incident, directory: Directory) -> bool:
    """Whether the team wants a war room for an incident of this severity."""
    team = directory.teams.get(incident.team)
    return team is not None and incident.severity in team.response.war_room


def wanted(incident: Incident) -> Room:
    """The wish for a room."""
    return Room(incident=incident.id, name=channel_name(incident), asked_by="Vigie")


def channel_name(incident: Incident, taken: int = 0) -> str:
    """`inc-abc123-redis-cluster-down`; with a number once `taken` names before it were somebody else's."""
    suffix = f"-{taken + 1}" if taken else ""
    return f"{_cut('-'.join(filter(None, (plain_name(incident), _slug(incident.title)))))}{suffix}"


def plain_name(incident: Incident) -> str:
    """`inc-abc123`: what no workspace refuses."""
    return incident.short_id.lower()


def renamed(room: Room, incident: Incident) -> Room:
    """`room` once its name turned out to be somebody else's."""
    taken = room.taken + 1
    return replace(room, taken=taken, name=channel_name(incident, taken), is_begun=False)


def asked_again(room: Room, incident: Incident, guest: str, by: str) -> Room:
    """A room that is wanted anew: what was refused is tried again, and what was archived is made another time."""
    guests = tuple(dict.fromkeys((*room.guests, *([guest] if guest else []))))
    if room.state is RoomState.OPEN or room.state is RoomState.WANTED:
        return replace(room, guests=guests, given_up=(), is_held=False, wake_at=None if room.is_held else room.wake_at)
    taken = room.taken + (room.state is RoomState.ARCHIVED and bool(room.channel))
    guests = tuple(dict.fromkeys((*guests, *room.invited)))
    return Room(
        incident=room.incident, name=channel_name(incident, taken), taken=taken, guests=guests, asked_by=by or "Vigie"
    )


def _cut(name: str) -> str:
    return name[: LONGEST_NAME - _ROOM_FOR_A_SUFFIX].strip("-")


def _slug(title: str) -> str:
    """A title in what a channel's name may have: lower-case letters of any script, digits and hyphens."""
    decomposed = unicodedata.normalize("NFKD", title.casefold().replace("ß", "ss"))
    folded = "".join(one for one in decomposed if not unicodedata.combining(one))
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", folded)).strip("-")
