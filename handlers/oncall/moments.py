"""Pure: times, lengths and people as they are typed after a command."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain import wall_clock
from domain.directory import Directory
from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.people import Actor, Person, Team
from handlers.commands import chosen_by_name

_AT = ("at", "à", "@")
_CLOCK = re.compile(r"(\d{1,2})[:h](\d{2})")
_LENGTH = re.compile(r"(?:(\d{1,2})\s*(?:d|j))?(?:(\d{1,3})\s*h(\d{2})?)?(?:(\d{1,4})\s*m(?:in|n)?)?", re.IGNORECASE)
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_FORMS = "write the time as 03:00 or 2026-12-01 03:00, on the team's clock"


@dataclass(frozen=True, slots=True)
class Asking:
    """Which team ("" for all), and when as it is written ("" for now)."""

    team: str = ""
    at: str = ""


def asking(words: Sequence[str]) -> Asking:
    """`SRE Core at 03:00`, in two."""
    for place, word in enumerate(words):
        if word.casefold() in _AT:
            return Asking(" ".join(words[:place]), " ".join(words[place + 1 :]))
    return Asking(" ".join(words))


def moment(written: str, zone: str, now: datetime) -> datetime:
    """A time of the team's wall clock; an hour alone is the next one. Raises Invalid."""
    found, clocks = _CLOCK.fullmatch(written.strip()), ZoneInfo(zone)
    try:
        if found:
            today = datetime.combine(wall_clock.reading(now, clocks), time(int(found[1]), int(found[2])))
            at = wall_clock.first(today, clocks)
            return at if at >= now else wall_clock.first(today + timedelta(days=1), clocks)
        read = wall_clock.written(written.strip())
        return read.astimezone(UTC) if read.tzinfo else wall_clock.first(read, clocks)
    except (ValueError, OverflowError):
        raise Invalid([Fault("time", _FORMS)]) from None


def length(written: str) -> timedelta | None:
    """A length such as 2h, 1h30, 45m or 3d; None for any other text."""
    found = _LENGTH.fullmatch(written)
    if not written or not found:
        return None
    days, hours, rest, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=rest + minutes) or None


def person(written: str, directory: Directory) -> Person:
    """Somebody by @handle, name or mention. Raises NotFound, Conflict when several fit."""
    mention = _MENTION.fullmatch(written)
    found = directory.person_by_slack(mention[1]) if mention else directory.person_by_handle(written)
    if found:
        return found
    if mention:
        raise NotFound("Vigie does not know this person: add them to the people first")
    active = [one for one in directory.people.values() if one.is_active]
    shared = Counter(one.name.casefold() for one in active)
    # Two with one name are told apart by what nobody shares.
    named = {one.name if shared[one.name.casefold()] == 1 else f"{one.name} (@{one.handle})": one for one in active}
    return chosen_by_name(written.removeprefix("@"), named, "person")


def team(written: str, directory: Directory) -> Team:
    """A team by its name. Raises NotFound with the name that may have been meant, Conflict when several fit."""
    found = directory.team_by_name(written)
    return found or chosen_by_name(written, {one.name: one for one in directory.teams.values()}, "team")


def teams_for(written: str, actor: Actor, directory: Directory) -> list[Team]:
    """The team that is named; else those of the one who asks; else all of them."""
    if written:
        return [team(written, directory)]
    ordered = sorted(directory.teams.values(), key=lambda one: one.name.casefold())
    return [one for one in ordered if one.has(actor.person)] or ordered


def own_team(written: str, actor: Actor, directory: Directory) -> Team:
    """The team that is meant when one has to be. Raises Conflict when it could be several."""
    found = teams_for(written, actor, directory)
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound("there is no team yet")
    raise Conflict(f"say which team: {', '.join(one.name for one in found[:5])}")
