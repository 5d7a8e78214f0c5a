"""Rotations and overrides of Opsgenie's schedules. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.oncall import EVERY_DAY
from domain.stand_ins import LONGEST
from handlers.catalog.on_call import MOST_ROTATIONS
from handlers.imports.house import Document, House
from handlers.imports.reading import Said, inside, items, number, text
from handlers.imports.stretches import DAY, WEEK, clock, moment, rotation, stretch, wall

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LETTERS = {"hourly": "h", "daily": "d", "weekly": "w"}
_MOST_TURNS = 999


@dataclass(slots=True)
class RotationsOf:
    """One schedule on its way into a team."""

    house: House
    team: Document
    schedule: str
    zone: str
    now: datetime

    def carry(self, rotations: Sequence[Said]) -> None:
        """All of its rotations."""
        found = [made for said in rotations for made in self._rotation(said)]
        if len(found) > MOST_ROTATIONS:
            self._leave(f"{len(found) - MOST_ROTATIONS} rotations", f"a schedule takes at most {MOST_ROTATIONS}")
        if found:
            self.team["on_call"]["rotations"] = found[:MOST_ROTATIONS]
        self.house.join(self.team, (handle for one in found for handle in one["people"]))

    def stand_in(self, overrides: Sequence[Said]) -> None:
        """Whoever stands in for whoever is on call, from now on."""
        for said in overrides:
            handle = self.house.handle(text(inside(said, "user"), "id"))
            start, end = moment(said.get("startDate")), moment(said.get("endDate"))
            what = f"override of {text(inside(said, 'user'), 'username', 'name') or text(said, 'alias')}"
            if end is not None and end <= self.now:
                continue
            if not handle or start is None or end is None or not timedelta(0) < end - start <= LONGEST:
                self._leave(what, f"it names nobody who is here, or is no stretch of up to {LONGEST.days} days")
                continue
            if items(said, "rotations"):
                self._leave(what, "it was for some rotations: it is for all of them here")
            zone = ZoneInfo(self.zone)
            times = {"start": start.astimezone(zone).isoformat(), "end": end.astimezone(zone).isoformat()}
            self.house.overrides.append({"team": self.team["name"], "person": handle, **times})

    def _leave(self, what: str, reason: str) -> None:
        self.house.leave(f"schedule {self.schedule}, {what}", reason)

    def _rotation(self, said: Said) -> Iterator[dict[str, Any]]:
        name = text(said, "name", "id") or "primary"
        start, end = moment(said.get("startDate")), moment(said.get("endDate"))
        letter = _LETTERS.get(text(said, "type").casefold(), "")
        if end is not None and end <= self.now:
            return
        if start is None or not letter:
            self._leave(f"rotation {name}", "its start is no time, or its turns are not of hours, days or weeks")
            return
        if end is not None:
            self._leave(f"rotation {name}, until {end:%Y-%m-%d}", "rotations go on until somebody changes them")
        people = self._people(said, name)
        if not people:
            self._leave(f"rotation {name}", "none of its people is here")
            return
        every = min(max(int(number(said, "length", 1)), 1), _MOST_TURNS)
        hours = self._hours(inside(said, "timeRestriction"))
        yield rotation({"hours": hours}, name, wall(start, self.zone), f"{every}{letter}", people)

    def _people(self, said: Said, name: str) -> list[str]:
        """The participants who are people; turns of others would be turns of nobody."""
        found = []
        for one in items(said, "participants"):
            kind = text(one, "type").casefold()
            handle = self.house.handle(text(one, "id"))
            if kind == "user" and handle:
                found.append(handle)
            elif kind == "none":
                self._leave(f"rotation {name}, a turn of nobody", "somebody is always next here: name a person for it")
            else:
                who = text(one, "username", "name", "id")
                self._leave(f"rotation {name}, {kind} {who}", "only people take turns, and only those who are here")
        return found

    def _hours(self, said: Said) -> list[str]:
        """The times of the week that a restriction leaves."""
        if text(said, "type") == "time-of-day":
            several = items(said, "restrictions") or [inside(said, "restriction")]
            return [part for one in several for part in _of_the_day(one)]
        return [part for one in items(said, "restrictions") for part in _of_the_week(one)]


def _at(said: Said, name: str) -> timedelta:
    """A time of the day; 24:00 is one too."""
    hour, minute = min(int(number(said, f"{name}Hour")), 24), min(int(number(said, f"{name}Min")), 59)
    return min(timedelta(hours=hour, minutes=minute), DAY)


def _of_the_day(said: Said) -> list[str]:
    start, end = _at(said, "start"), _at(said, "end")
    return stretch(EVERY_DAY, clock(start), (end - start) % DAY or DAY)


def _of_the_week(said: Said) -> list[str]:
    """From a day's time to another day's, without a hole: Opsgenie means the nights between too."""
    first, last = (text(said, name).casefold() for name in ("startDay", "endDay"))
    if first not in _DAYS or last not in _DAYS:
        return []
    start, end = _at(said, "start") % DAY, _at(said, "end")
    length = (timedelta(days=_DAYS.index(last) - _DAYS.index(first)) + end - start) % WEEK
    return stretch((_DAYS.index(first),), clock(start), length or WEEK)
