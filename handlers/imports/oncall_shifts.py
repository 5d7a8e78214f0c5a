"""Shifts of Grafana OnCall as rotations: RFC 5545 recurrences as far as turns of a week's hours can say them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain import wall_clock
from domain.oncall import EVERY_DAY
from domain.stand_ins import LONGEST
from handlers.catalog.on_call import MOST_ROTATIONS
from handlers.imports.house import Document, House
from handlers.imports.reading import Said, number, text, texts
from handlers.imports.stretches import DAY, WEEK, rotation, stretch, zone_of

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNITS = {"hourly": ("h", timedelta(hours=1)), "daily": ("d", DAY), "weekly": ("w", WEEK)}
CLOCK_OF_THE_PAGES = "UTC"
"""By it goes what was made in OnCall's own pages: a schedule's zone is for the shifts of one of the type `calendar`."""
_HIGHEST = 9
_MOST_TURNS = 999


@dataclass(slots=True)
class ShiftsOf:
    """One schedule's shifts on their way into a team. `zone` is the schedule's."""

    house: House
    team: Document
    schedule: str
    zone: str
    now: datetime

    def carry(self, shifts: Sequence[Said]) -> None:
        """All of them."""
        found = [made for said in shifts for made in self._shift(said)]
        if len(found) > MOST_ROTATIONS:
            self._leave(f"{len(found) - MOST_ROTATIONS} rotations", f"a schedule takes at most {MOST_ROTATIONS}")
        if found:
            self.team["on_call"]["rotations"] = found[:MOST_ROTATIONS]
        self.house.join(self.team, (handle for one in found for handle in one["people"]))

    def _leave(self, what: str, reason: str) -> None:
        self.house.leave(f"schedule {self.schedule}, {what}", reason)

    def _shift(self, said: Said) -> Iterator[dict[str, Any]]:
        name = text(said, "name", "id")
        start = self._start(said, name)
        if start is None or self._is_over(said, name):
            return
        length = timedelta(seconds=number(said, "duration"))
        if text(said, "type") in ("single_event", "override"):
            self._once(said, name, start, length)
        elif text(said, "frequency") not in _UNITS:
            self._leave(
                f"shift {name}", f"{text(said, 'frequency') or 'no frequency'}: turns are of hours, days or weeks"
            )
        else:
            yield from self._turns(said, name, start, length)

    def _start(self, said: Said, name: str) -> datetime | None:
        """When it begins, on the schedule's clock."""
        try:
            start = wall_clock.written(text(said, "start")).replace(second=0, microsecond=0)
        except ValueError:
            self._leave(f"shift {name}", "its start is no time")
            return None
        if start.tzinfo is None:
            own = text(said, "time_zone") or (CLOCK_OF_THE_PAGES if text(said, "type") == "override" else "")
            zone = zone_of(own) if own else self.zone
            if zone != self.zone:
                self._leave(f"shift {name}", f"it is on the clock of {zone}: it is on that of {self.zone} from now on")
            start = start.replace(tzinfo=ZoneInfo(zone))
        return start.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def _is_over(self, said: Said, name: str) -> bool:
        if not text(said, "until"):
            return False
        try:
            until = wall_clock.written(text(said, "until"))
        except ValueError:
            return False
        until = until if until.tzinfo else until.replace(tzinfo=ZoneInfo(self.zone))
        if until > self.now:
            self._leave(f"shift {name}, until {until:%Y-%m-%d}", "rotations go on until somebody changes them")
        return until <= self.now

    def _once(self, said: Said, name: str, start: datetime, length: timedelta) -> None:
        """A single shift is somebody standing in for everybody; one that is over is of no use any more."""
        clocks = ZoneInfo(self.zone)
        begins = wall_clock.first(start, clocks)
        people = self._people(texts(said, "users") or [key for some in _lists(said) for key in some], name)
        if begins + length <= self.now or not people:
            return
        if not timedelta(0) < length <= LONGEST:
            self._leave(f"shift {name}", f"it is no stretch of up to {LONGEST.days} days")
            return
        if len(people) > 1:
            self._leave(f"shift {name}", f"one person stands in for everybody: {people[0]}")
        from_, end = (at.astimezone(clocks).isoformat() for at in (begins, begins + length))
        said_of = {"team": self.team["name"], "person": people[0], "start": from_, "end": end}
        self.house.overrides.append({**said_of, "reason": name[:300]})

    def _turns(self, said: Said, name: str, start: datetime, length: timedelta) -> Iterator[dict[str, Any]]:
        """A rotation for each of the people who are there at once."""
        letter, unit = _UNITS[text(said, "frequency")]
        every = min(max(int(number(said, "interval", 1)), 1), _MOST_TURNS)
        lists = self._lists(said, name)
        if not lists:
            self._leave(f"shift {name}", "none of its people is here")
            return
        if text(said, "type") == "recurrent_event" and every > 1:
            self._leave(f"shift {name}", f"nobody is on call in between: turns of {every}{letter} go on without a hole")
        if text(said, "frequency") == "daily" and texts(said, "by_day") and len(lists) > 1:
            self._leave(f"shift {name}", "turns change on its days alone there, and every day here: look whose is when")
        if length > unit * every and len(lists) > 1:
            self._leave(f"shift {name}", "two turns have time in common there: here the next relieves the one before")
        hours = self._hours(said, name, start, length, unit * every)
        layer = min(int(number(said, "level")), _HIGHEST)
        begin = _first_of_the_week(said, start) if letter == "w" else start
        for place in range(max(len(some) for some in lists)):
            people = [some[place % len(some)] for some in lists]
            called = name if place == 0 else f"{name} {place + 1}"
            yield rotation({"hours": hours, "layer": layer}, called, begin, f"{every}{letter}", people)

    def _hours(self, said: Said, name: str, start: datetime, length: timedelta, turn: timedelta) -> list[str]:
        """The times of the week that a shift covers; none for all of them."""
        days = _days(said)
        for part in ("by_month", "by_monthday"):
            if said.get(part):
                self._leave(f"shift {name}, {part}", "turns know days of the week alone: it is every month, every day")
        if length >= turn and not days:
            return []
        frequency = text(said, "frequency")
        if frequency == "hourly" or (frequency == "daily" and turn > DAY and not days):
            self._leave(f"shift {name}", "it covers a part of each turn: here it is the whole of it")
            return []
        if frequency == "weekly" and turn > WEEK:
            self._leave(f"shift {name}", "its days are those of every week of a turn here, not of the first alone")
        usual = EVERY_DAY if frequency == "daily" else (start.weekday(),)
        return stretch(days or usual, start.time(), length)

    def _lists(self, said: Said, name: str) -> list[list[str]]:
        """Who is there together, turn by turn, from the one whose turn is first."""
        if text(said, "type") == "rolling_users":
            lists = _lists(said)
            first = int(number(said, "start_rotation_from_user_index")) % max(len(lists), 1)
            lists = lists[first:] + lists[:first]
        else:
            lists = [texts(said, "users")]
        return [people for some in lists if (people := self._people(some, name))]

    def _people(self, keys: Sequence[str], name: str) -> list[str]:
        for key in keys:
            if not self.house.handle(key):
                self._leave(f"shift {name}, person {key}", "they were not exported: fetch users too")
        return [handle for key in dict.fromkeys(keys) if (handle := self.house.handle(key))]


def _lists(said: Said) -> list[list[str]]:
    value = said.get("rolling_users")
    return [texts({"some": some}, "some") for some in value] if isinstance(value, list) else []


def _days(said: Said) -> tuple[int, ...]:
    return tuple(sorted({_DAYS.index(day) for day in texts(said, "by_day") if day in _DAYS}))


def _first_of_the_week(said: Said, start: datetime) -> datetime:
    """When a turn of a week with several shifts begins: with the first of them, so that whoever has the last one has
    it to its end, be that in the next week. One that begins between its days begins at the next first."""
    week = _DAYS.index(first) if (first := text(said, "week_start").upper()) in _DAYS else 0
    days = sorted(_days(said), key=lambda day: (day - week) % 7)
    if not days:
        return start
    after = (days[0] - start.weekday()) % 7
    return start + timedelta(days=after - 7 if after and start.weekday() in days else after)
