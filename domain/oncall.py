"""Who is on call: rotations whose hand-offs happen at a wall-clock time in a zone.

A shift starts at the first occurrence of its wall-clock time and ends at the last: on the night the clocks go back
two people overlap rather than nobody being there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who take turns. `start` is a naive wall-clock time in the schedule's zone, `every` a number of days."""

    name: str
    start: datetime
    every: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnCall:
    """A team's schedule: an IANA zone and its rotations; everyone whose shift it is, is on call."""

    timezone: str = "UTC"
    rotations: tuple[Rotation, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's turn, from `start` to `end` (both UTC, `end` excluded)."""

    person: str
    rotation: str
    start: datetime
    end: datetime


def shifts_at(on_call: OnCall, now: datetime) -> tuple[Shift, ...]:
    """The shifts that run at `now` (aware), in the order of the rotations; two of one rotation at an overlap."""
    zone = ZoneInfo(on_call.timezone)
    return tuple(shift for rotation in on_call.rotations for shift in _running(rotation, zone, now))


def after(on_call: OnCall, shift: Shift) -> Shift | None:
    """The shift that takes over from `shift` in its rotation; None when the rotation is no more."""
    following = (one for one in shifts_at(on_call, shift.end) if one.rotation == shift.rotation)
    return next(following, None)


@lru_cache(maxsize=1024)
def people_at(on_call: OnCall, now: datetime) -> tuple[str, ...]:
    """The ids of the people on call at `now`, each once. A hundred incidents of a moment ask the same question."""
    return tuple(dict.fromkeys(shift.person for shift in shifts_at(on_call, now)))


def next_shifts(on_call: OnCall, now: datetime) -> tuple[Shift, ...]:
    """The first shift of each rotation that begins after `now`."""
    zone = ZoneInfo(on_call.timezone)
    found = []
    for rotation in on_call.rotations:
        if rotation.people:
            turn = _turn(rotation, zone, now)
            candidates = (_shift(rotation, zone, number) for number in range(max(turn, 0), max(turn, 0) + 3))
            found.append(next(shift for shift in candidates if shift.start > now))
    return tuple(found)


def _turn(rotation: Rotation, zone: ZoneInfo, now: datetime) -> int:
    """The number of the turn that the wall clock is in; negative before the first."""
    wall = now.astimezone(zone).replace(tzinfo=None)
    return (wall - rotation.start) // timedelta(days=rotation.every)


def _running(rotation: Rotation, zone: ZoneInfo, now: datetime) -> list[Shift]:
    if not rotation.people:
        return []
    turn = _turn(rotation, zone, now)
    candidates = (_shift(rotation, zone, number) for number in range(max(turn - 1, 0), turn + 2))
    return [shift for shift in candidates if shift.start <= now < shift.end]


def _shift(rotation: Rotation, zone: ZoneInfo, turn: int) -> Shift:
    length = timedelta(days=rotation.every)
    start = rotation.start + length * turn
    person = rotation.people[turn % len(rotation.people)]
    return Shift(person, rotation.name, _first(start, zone), _last(start + length, zone))


def _first(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _last(wall: datetime, zone: ZoneInfo) -> datetime:
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
