"""Rotations: people who take turns, handing over at a wall-clock time in a zone.

A turn starts at the first occurrence of its wall-clock time and ends at the last: on the night the clocks go back two
people overlap rather than nobody being there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain import wall_clock

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
_DAY = timedelta(days=1)
_FAR = timedelta(days=8)
"""Hours are those of a week: what they leave of a turn in one piece either is shorter, or has no end of its own."""
_SLACK = 2
"""Turns looked at beyond those that the wall clock is in: it goes back by an hour, and a turn may be as short."""


class Unit(StrEnum):
    """What the length of a turn is counted in."""

    DAY = "day"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Hours:
    """Times of the wall clock on some days of the week (0 is Monday). `end` at or before `start` is the next day's."""

    days: tuple[int, ...] = EVERY_DAY
    start: time = time(0)
    end: time = time(0)


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who take turns. `start` is a naive wall-clock time in the schedule's zone, `every` a number of `unit`s.

    With `hours` it covers those alone. Rotations of one `layer` all count; a higher layer covers those below it for as
    long as it has somebody.
    """

    name: str
    start: datetime
    every: int
    people: tuple[str, ...]
    unit: Unit = Unit.DAY
    hours: tuple[Hours, ...] = ()
    layer: int = 0

    @property
    def length(self) -> timedelta:
        return timedelta(hours=self.every) if self.unit is Unit.HOUR else timedelta(days=self.every)


@dataclass(frozen=True, slots=True)
class OnCall:
    """A team's schedule as it is written: an IANA zone and its rotations; whose shift it is, is on call.

    `calendar` is the address or the path of an iCalendar file that says it too. With `hand_off`, whoever comes on call
    and whoever goes off is told so.
    """

    timezone: str = "UTC"
    rotations: tuple[Rotation, ...] = field(default=())
    calendar: str = ""
    hand_off: bool = True

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody in a rotation, each once."""
        return tuple(dict.fromkeys(person for rotation in self.rotations for person in rotation.people))

    def has(self, person: str) -> bool:
        """Whether somebody is in a rotation."""
        return any(person in rotation.people for rotation in self.rotations)


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's time, from `start` to `end` (both UTC, `end` excluded). Whoever stands in for somebody does so
    `instead_of` them, by an `override` (its id)."""

    person: str
    rotation: str
    start: datetime
    end: datetime
    layer: int = 0
    instead_of: str = ""
    override: str = ""


def turns(rotation: Rotation, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Shift]:
    """The shifts of a rotation that have a moment in common with [start, end), in their order."""
    if not rotation.people:
        return
    length = rotation.length
    low = (wall_clock.reading(start, zone) - rotation.start) // length - _SLACK
    high = (wall_clock.reading(end, zone) - rotation.start) // length + _SLACK
    for number in range(max(low, 0), high + 1):
        begins = rotation.start + length * number
        person = rotation.people[number % len(rotation.people)]
        for first, last in _pieces(rotation, zone, begins, begins + length, start, end):
            yield Shift(person, rotation.name, first, last, rotation.layer)


def _pieces(
    rotation: Rotation, zone: ZoneInfo, begins: datetime, ends: datetime, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The parts of a turn (wall clock) that its hours leave of it, those that touch [start, end)."""
    whole = wall_clock.first(begins, zone), wall_clock.last(ends, zone)
    if not rotation.hours:
        windows = [whole] if whole[0] < whole[1] else []
    else:
        low = max(begins, wall_clock.reading(start, zone) - _FAR)
        high = min(ends, wall_clock.reading(end, zone) + _FAR)
        found = _joined(_windows(rotation.hours, zone, low, high, whole))
        windows = [whole if last - first >= _FAR else (first, last) for first, last in found]
    yield from (window for window in windows if window[0] < end and window[1] > start)


def _windows(
    hours: tuple[Hours, ...], zone: ZoneInfo, low: datetime, high: datetime, whole: tuple[datetime, datetime]
) -> Iterator[tuple[datetime, datetime]]:
    day = low.replace(hour=0, minute=0, second=0, microsecond=0) - _DAY
    while day < high + _DAY:
        for one in hours:
            if day.weekday() in one.days:
                until = day + (_DAY if one.end <= one.start else timedelta(0))
                first = max(whole[0], wall_clock.first(datetime.combine(day, one.start), zone))
                last = min(whole[1], wall_clock.last(datetime.combine(until, one.end), zone))
                if first < last:
                    yield first, last
        day += _DAY


def _joined(windows: Iterator[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Windows that touch, as one."""
    joined: list[tuple[datetime, datetime]] = []
    for first, last in sorted(windows):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined
