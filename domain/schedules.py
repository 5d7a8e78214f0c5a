"""Who is on call when everything is counted: rotations in their layers, a calendar from outside, and whoever stands in
for somebody. Pure; `now` is an argument."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from domain.oncall import OnCall, Shift, turns

_A_MOMENT = timedelta(microseconds=1)
_A_DAY = timedelta(days=1)
HORIZON = timedelta(days=35)
"""How far ahead the next shift of a rotation is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """`person` is on call for a team from `start` to `end` in the place of `instead_of`, "" for everybody.

    `by` is the name of whoever made it so."""

    id: str
    team: str
    person: str
    start: datetime
    end: datetime
    instead_of: str = ""
    reason: str = ""
    by: str = ""


@dataclass(frozen=True)
class Schedule:
    """Everything that decides who is on call for one team.

    `overrides` count in the order they were made in. `calendar` are the shifts that a calendar outside says. Whoever is
    `absent` (switched off) covers nothing."""

    on_call: OnCall = field(default_factory=OnCall)
    overrides: tuple[Override, ...] = ()
    calendar: tuple[Shift, ...] = ()
    absent: frozenset[str] = frozenset()

    @property
    def zone(self) -> str:
        return self.on_call.timezone

    @cached_property
    def in_force(self) -> tuple[Override, ...]:
        """The overrides that count, in their order. One for somebody who is switched off since does so only while
        somebody took over from them, who does so from those whom that one relieved."""
        found: list[Override] = []
        takers: dict[str, list[Override]] = {}
        for override in reversed(self.overrides):
            parts = [override]
            if override.person in self.absent:
                parts = [part for span in merged(takers.get(override.person, [])) for part in _within(override, *span)]
            takers.setdefault(override.instead_of, []).extend(parts)
            found.extend(parts)
        return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end`, which is excluded; `people` are those there at once, nobody in a gap."""

    start: datetime
    end: datetime
    people: tuple[str, ...] = ()


_Timed = TypeVar("_Timed", Shift, Override)


def shifts(schedule: Schedule, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """Everybody's shifts that have a moment in common with [start, end), whole, by their start."""
    found = list(_written(schedule, start, end))
    if len({one.layer for one in found}) > 1 or schedule.calendar or _is_layered(schedule):
        low = min([start, *(one.start for one in found)])
        high = max([end, *(one.end for one in found)])
        found = _covered(schedule, list(_written(schedule, low, high)))
    for override in schedule.in_force:
        found = _overridden(found, override, schedule.absent)
    touching = (one for one in found if one.start < end and one.end > start and one.person not in schedule.absent)
    return tuple(sorted(touching, key=lambda one: (one.start, -one.layer)))


def _is_layered(schedule: Schedule) -> bool:
    return len({rotation.layer for rotation in schedule.on_call.rotations}) > 1


def _written(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Shift]:
    """What rotations and the calendar say, before anybody stands in for anybody."""
    zone = ZoneInfo(schedule.on_call.timezone)
    for rotation in schedule.on_call.rotations:
        yield from turns(rotation, zone, start, end)
    yield from (one for one in schedule.calendar if one.start < end and one.end > start)


def _covered(schedule: Schedule, found: list[Shift]) -> list[Shift]:
    """Without what a higher layer covers."""
    kept: list[Shift] = []
    there: list[Shift] = []
    for layer in sorted({one.layer for one in found}, reverse=True):
        above = merged(there)
        starts = [start for start, _ in above]
        for shift in (one for one in found if one.layer == layer):
            near = above[max(bisect_right(starts, shift.start) - 1, 0) : bisect_right(starts, shift.end)]
            rest = _without(shift, near)
            kept += rest
            there += _there(schedule, rest)
    return kept


def _there(schedule: Schedule, found: list[Shift]) -> list[Shift]:
    """What covers the layers below: not those who are switched off, but whoever stands in for one of them."""
    if any(one.person in schedule.absent for one in found):
        for override in (one for one in schedule.in_force if one.instead_of):
            found = _overridden(found, override, schedule.absent)
    return [one for one in found if one.person not in schedule.absent]


def merged(found: Iterable[_Timed]) -> list[tuple[datetime, datetime]]:
    """When any of them runs, in order, without overlap."""
    joined: list[tuple[datetime, datetime]] = []
    for shift in sorted(found, key=lambda one: one.start):
        if joined and shift.start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], shift.end)
        else:
            joined.append((shift.start, shift.end))
    return joined


def _without(shift: Shift, others: Iterable[tuple[datetime, datetime]]) -> list[Shift]:
    """The parts of `shift` outside all of `others`."""
    parts = [shift]
    for start, end in others:
        parts = [part for one in parts for part in _cut(one, start, end)]
    return parts


def _cut(shift: _Timed, start: datetime, end: datetime) -> Iterator[_Timed]:
    """What is left of `shift` outside [start, end)."""
    if end <= shift.start or start >= shift.end:
        yield shift
        return
    if shift.start < start:
        yield replace(shift, end=start)
    if shift.end > end:
        yield replace(shift, start=end)


def _within(one: _Timed, start: datetime, end: datetime) -> Iterator[_Timed]:
    """What is of it inside [start, end)."""
    if one.start < end and one.end > start:
        yield replace(one, start=max(one.start, start), end=min(one.end, end))


def _overridden(found: list[Shift], override: Override, absent: Container[str]) -> list[Shift]:
    hit = [one for one in found if one.start < override.end and one.end > override.start]
    if override.instead_of:
        hit = [one for one in hit if one.person == override.instead_of]
        parts = [part for one in hit for part in _within(one, override.start, override.end)]
        taken = [_taken(part, override, absent) for part in parts]
    else:
        names = tuple(dict.fromkeys(one.rotation for one in hit))
        said = names[0] if len(names) == 1 else ""
        taken = [Shift(override.person, said, override.start, override.end, 0, "", override.id)]
    # By identity: two shifts may say the same.
    marked = {id(one) for one in hit}
    left = [part for one in found if id(one) in marked for part in _cut(one, override.start, override.end)]
    return [*(one for one in found if id(one) not in marked), *left, *taken]


def _taken(shift: Shift, override: Override, absent: Container[str]) -> Shift:
    """Whoever takes over from somebody who is switched off is said to do so from whom that one relieved."""
    is_left = shift.override and shift.person in absent
    relieved = shift.instead_of if is_left else override.instead_of
    if relieved == override.person:
        return replace(shift, person=override.person, instead_of="", override="")
    return replace(shift, person=override.person, instead_of=relieved, override=override.id)


def shifts_at(schedule: Schedule, now: datetime) -> tuple[Shift, ...]:
    """The shifts that run at `now`, in the order of the rotations; two of one rotation at an overlap."""
    return in_order(schedule, shifts(schedule, now, now + _A_MOMENT))


def in_order(schedule: Schedule, found: Iterable[Shift]) -> tuple[Shift, ...]:
    """Shifts in the order of the rotations, what is of none last."""
    names = [rotation.name for rotation in schedule.on_call.rotations]
    return tuple(sorted(found, key=lambda one: names.index(one.rotation) if one.rotation in names else len(names)))


def people_of(found: Iterable[Shift]) -> tuple[str, ...]:
    """Whose shifts these are, each once."""
    return tuple(dict.fromkeys(shift.person for shift in found))


def after(schedule: Schedule, shift: Shift) -> Shift | None:
    """The shift that takes over when `shift` ends: of its rotation if that goes on; None when nobody does."""
    following = [one for one in shifts_at(schedule, shift.end) if one != shift]
    same = (one for one in following if one.rotation == shift.rotation)
    return next(same, None) or next((one for one in following if one.start >= shift.end), None)


def next_shifts(schedule: Schedule, now: datetime) -> tuple[Shift, ...]:
    """The first shift of each rotation that begins after `now`, however long the one before it runs."""
    coming = [one for one in shifts(schedule, now, now + HORIZON) if one.start > now]
    handed_on = (after(schedule, shift) for shift in shifts_at(schedule, now))
    found: dict[str, Shift] = {}
    for shift in (*coming, *filter(None, handed_on)):
        found.setdefault(shift.rotation, shift)
    return tuple(found.values())


def gaps(schedule: Schedule, start: datetime, end: datetime) -> tuple[Span, ...]:
    """When, between `start` and `end`, nobody is on call."""
    found, reached = [], start
    for begins, ends in merged(shifts(schedule, start, end)):
        if begins > reached:
            found.append(Span(reached, begins))
        reached = max(reached, ends)
    if reached < end:
        found.append(Span(reached, end))
    return tuple(found)


def overlaps(schedule: Schedule, start: datetime, end: datetime) -> tuple[Span, ...]:
    """When two people have the same rotation at once: where clocks go back, or where a calendar says so twice."""
    found = []
    ordered = shifts(schedule, start, end)
    for number, shift in enumerate(ordered):
        for other in ordered[number + 1 :]:
            if other.start >= shift.end:
                break
            if other.rotation == shift.rotation and other.person != shift.person:
                both = max(shift.start, other.start, start), min(shift.end, other.end, end)
                found.append(Span(*both, (shift.person, other.person)))
    return tuple(found)


def next_change(schedule: Schedule, now: datetime) -> datetime:
    """When it is next worth a look who is on call: the first start or end after `now`, in a day at the latest."""
    found = shifts(schedule, now, now + _A_DAY)
    moments = {moment for one in found for moment in (one.start, one.end) if moment > now}
    return min([*moments, now + _A_DAY])
