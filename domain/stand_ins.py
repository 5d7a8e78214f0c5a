"""Standing in for somebody: who may put whom on call, what can be wrong with it, and asking a colleague. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.directory import Directory
from domain.errors import Conflict, Fault, Forbidden
from domain.oncall import Shift
from domain.people import Actor, Permission, Team, may
from domain.schedules import Override, people_of, shifts

LONGEST = timedelta(days=60)
LONGEST_REASON = 300
ASKED_FOR = timedelta(weeks=8)
"""How far ahead a shift can be given away."""


class SwapState(StrEnum):
    """What became of a question to a colleague."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    """Its beginning, or the end of a shift that ran already, passed without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """`asker` asks `asked` (ids) to take their on-call for a team from `start` to `end`."""

    id: str
    team: str
    asker: str
    asked: str
    start: datetime
    end: datetime
    expires_at: datetime
    reason: str = ""
    state: SwapState = SwapState.ASKED


def check_cover(actor: Actor, team: Team, person: str) -> None:
    """Let `actor` put `person` on call for `team`. Raises Forbidden with what they may do instead."""
    if may(actor.role, Permission.SCHEDULES):
        return
    if not may(actor.role, Permission.COVER):
        raise Forbidden("taking over on-call takes the role responder")
    if person != actor.person or not actor.person:
        raise Forbidden("you may put yourself on call; ask a colleague with /oncall swap, or an operator")
    if not team.has(actor.person):
        raise Forbidden(f"you are not in {team.name}: an operator can put you on call there")


def may_end(actor: Actor, override: Override) -> bool:
    """Whether `actor` may end an override: operators any, others the one that puts themselves on call."""
    if may(actor.role, Permission.SCHEDULES):
        return True
    return may(actor.role, Permission.COVER) and bool(actor.person) and actor.person == override.person


def faults(override: Override, directory: Directory, now: datetime) -> Iterator[Fault]:
    """What is wrong with an override, by field."""
    person = directory.people.get(override.person)
    if person is None or not person.is_active:
        yield Fault("person", "Vigie does not know this person: add them to the people first")
    yield from time_faults(override.start, override.end, now)
    if override.instead_of and override.instead_of == override.person:
        yield Fault("instead_of", "choose somebody else: nobody stands in for themselves")
    elif override.instead_of and not replaced(override, directory):
        yield Fault("instead_of", "is not on call in that time")


def time_faults(start: datetime, end: datetime, now: datetime) -> Iterator[Fault]:
    """What is wrong with a time from `start` to `end`."""
    if end <= start:
        yield Fault("end", "must be after the beginning")
    elif end <= now:
        yield Fault("end", "is over already")
    elif end - start > LONGEST:
        yield Fault("end", f"must be at most {LONGEST.days} days after the beginning")


def replaced(override: Override, directory: Directory) -> tuple[str, ...]:
    """Those whom an override relieves, as things are without it; ids."""
    found = shifts(directory.schedule(override.team), override.start, override.end)
    people = people_of(one for one in found if not (override.id and one.override == override.id))
    return tuple(one for one in people if one != override.person and override.instead_of in ("", one))


def own_shifts(directory: Directory, person: str, now: datetime) -> tuple[tuple[Team, Shift], ...]:
    """What somebody can give away: their shifts of the coming weeks, in every team."""
    found = [
        (team, shift)
        for team in directory.teams.values()
        for shift in shifts(directory.schedule(team.id), now, now + ASKED_FOR)
        if shift.person == person
    ]
    return tuple(sorted(found, key=lambda one: (one[1].start, one[0].name.casefold())))


def answerable(swap: Swap, actor: Actor, now: datetime) -> None:
    """Let `actor` answer. Raises Forbidden for anybody but the one who is asked, Conflict when it is too late."""
    if actor.person != swap.asked or not actor.person:
        raise Forbidden("only the one who is asked can answer")
    if swap.state is not SwapState.ASKED:
        raise Conflict(_ALREADY[swap.state])
    if swap.expires_at <= now:
        raise Conflict(_ALREADY[SwapState.EXPIRED])


_ALREADY = {
    SwapState.ACCEPTED: "this swap is accepted already",
    SwapState.REFUSED: "this swap is refused already",
    SwapState.EXPIRED: "this swap has expired: the shift has begun",
}
