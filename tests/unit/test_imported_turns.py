"""Who is on call by shifts of Grafana OnCall that were carried over, beside whom OnCall itself has."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from domain.directory import Directory
from domain.errors import Fault
from handlers.catalog.catalog import read, resolve
from handlers.imports import oncall
from handlers.imports.house import House

NOW = datetime(2026, 2, 1, tzinfo=UTC)
HOUR = 3600
EVERY_DAY = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
TURNS = {"id": "O", "name": "turns", "type": "rolling_users", "rolling_users": [["U0"], ["U1"], ["U2"]]}
WEEKLY = {**TURNS, "frequency": "weekly", "interval": 1, "week_start": "MO"}


def carried(*shifts: dict[str, Any], kind: str = "calendar") -> House:
    people = [{"id": f"U{one}", "username": f"user{one}"} for one in range(3)]
    schedule = {"id": "S", "name": "Ops", "type": kind, "time_zone": "Europe/Paris", "on_call_now": []}
    schedules = [schedule | {"shifts": [one["id"] for one in shifts]}]
    files = {"users": people, "schedules": schedules, "on_call_shifts": shifts}
    return oncall.carried([(f"{name}.json", json.dumps(said).encode()) for name, said in files.items()], NOW)


def names(house: House, at: str) -> list[str]:
    found: list[Fault] = []
    numbers = count()
    catalog = resolve(read(list(house.files().items()), found), Directory(), lambda: str(next(numbers)))
    assert not found
    directory = Directory(
        people={one.id: one for one in catalog.people},
        teams={one.id: one for one in catalog.teams},
    )
    (team,) = catalog.teams
    return [person.handle for person in directory.on_call(team.id, datetime.fromisoformat(at).replace(tzinfo=UTC))]


@pytest.mark.parametrize(
    ("said", "at", "who"),
    [
        # Nights: whoever has Sunday's has it until Monday morning, and the next begins on Monday evening.
        ({"start": "2026-01-05T20:00:00", "duration": 12 * HOUR, "by_day": EVERY_DAY}, "2026-01-12T03:00", "user0"),
        ({"start": "2026-01-05T20:00:00", "duration": 12 * HOUR, "by_day": EVERY_DAY}, "2026-01-12T21:00", "user1"),
        # Weekends end on Monday, with and without their day.
        ({"start": "2026-01-09T18:00:00", "duration": 63 * HOUR, "by_day": ["FR"]}, "2026-01-12T06:00", "user0"),
        ({"start": "2026-01-09T18:00:00", "duration": 63 * HOUR}, "2026-01-12T06:00", "user0"),
        # A week in the middle of which a rotation began ends with it.
        ({"start": "2026-01-07T09:00:00", "duration": 24 * HOUR, "by_day": EVERY_DAY}, "2026-01-13T12:00", "user1"),
        # Nobody begins on a day that is none of theirs: it is the next one.
        ({"start": "2026-01-07T09:00:00", "duration": 9 * HOUR, "by_day": ["MO", "TU"]}, "2026-01-13T12:00", "user0"),
    ],
)
def test_turns_of_a_week_change_with_its_first_shift(said: dict[str, Any], at: str, who: str) -> None:
    assert names(carried(WEEKLY | said), at) == [who]


def test_what_was_made_on_the_pages_goes_by_utc() -> None:
    house = carried({**WEEKLY, "start": "2026-01-05T09:00:00", "duration": 168 * HOUR}, kind="web")
    assert [names(house, at) for at in ("2026-07-06T08:30", "2026-07-06T09:30")] == [["user1"], ["user2"]]
    assert any("hands over by UTC" in line for line in house.to_do)


def test_turns_that_are_all_on_a_clock_of_their_own_change_by_it() -> None:
    shift = {**TURNS, "frequency": "daily", "start": "2026-01-05T12:00:00", "duration": 12 * HOUR}
    new_york = shift | {"time_zone": "America/New_York"}
    house = carried(new_york)
    assert [len(names(house, at)) for at in ("2026-07-06T15:30", "2026-07-06T16:30")] == [0, 1]
    assert house.left == []
    both = carried(new_york, shift | {"id": "O2", "name": "others"})
    (told,) = both.left
    assert (told.subject, "clock of America/New_York" in told.reason) == ("schedule Ops, shift turns", True)


def test_somebody_who_stands_in_does_so_by_utc() -> None:
    house = carried({"id": "O", "type": "override", "start": "2026-02-03T09:00:00", "duration": HOUR, "users": ["U1"]})
    assert house.overrides[0]["start"] == "2026-02-03T10:00:00+01:00"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({**WEEKLY, "interval": 2, "duration": 168 * HOUR}, "not of the first alone"),
        ({**WEEKLY, "interval": 2, "duration": 12 * HOUR}, "not of the first alone"),
        ({**TURNS, "frequency": "daily", "duration": 26 * HOUR}, "relieves the one before"),
    ],
)
def test_turns_that_are_others_here_are_told(said: dict[str, Any], why: str) -> None:
    house = carried({**said, "start": "2026-01-05T09:00:00"})
    assert any(one.subject == "schedule Ops, shift turns" and why in one.reason for one in house.left)
