"""The nights on which the clocks change (Paris: 29 March 2026 at 02:00, 25 October at 03:00): times that are written on
a wall clock are moments that there are."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from domain import snoozes
from domain.directory import Directory
from domain.errors import Fault
from domain.forecasts import Forecast, forecast
from domain.incidents import Severity
from domain.oncall import Shift
from domain.reach import EVERYTHING
from domain.schedules import shifts
from handlers.catalog.catalog import Catalog, read, resolve
from handlers.imports import oncall

HOUSE = """
people: [{handle: ada, name: Ada, phone: "+33600000001"}, {handle: bob, name: Bob, phone: "+33600000002"}]
teams:
  - name: SRE
    members: [ada, bob]
    on_call:
      timezone: Europe/Paris
      rotations: [{name: day, start: "2026-03-28T02:30", every: 1d, people: [ada, bob]}]
services: [{name: redis, team: SRE}]
---
Policy: Night
Team: SRE
Default: true
Steps:
  1: {delay: 0 minutes, type: SMS, target: ON_CALL}
  2: {delay: 15 minutes, type: SMS, target: ON_CALL}
"""


def catalog(*files: str) -> Catalog:
    """What `load` makes of the files."""
    found: list[Fault] = []
    numbers = count()
    said = [(f"{number}.yaml", text) for number, text in enumerate(files)]
    made = resolve(read(said, found), Directory(), lambda: str(next(numbers)))
    assert not found, [str(fault) for fault in found]
    return made


def directory(*files: str) -> Directory:
    made = catalog(*files)
    return Directory(
        people={one.id: one for one in made.people},
        teams={one.id: one for one in made.teams},
        services={one.id: one for one in made.services},
        policies={one.id: one for one in made.policies},
        overrides=tuple(made.overrides),
    )


def foretold(at: str) -> Forecast:
    return forecast("redis", Severity.SEV1, datetime.fromisoformat(at), directory(HOUSE), EVERYTHING)


def times(of: Forecast) -> list[str]:
    return [f"{step.at:%d %H:%M}" for step in of.simulation.steps]


def names(of: Forecast) -> list[str]:
    return [page.name for _, page in of.simulation.pages]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-29T01:50", ["29 00:50", "29 01:05"]),
        ("2026-03-29T01:50+01:00", ["29 00:50", "29 01:05"]),
        ("2026-03-29T02:30", ["29 01:00", "29 01:15"]),
        ("2026-10-25T02:50", ["25 00:50", "25 01:05"]),
    ],
)
def test_a_night_is_foretold_at_times_that_there_are(at: str, expected: list[str]) -> None:
    assert times(foretold(at)) == expected


def test_somebody_is_on_call_in_the_hour_that_is_skipped() -> None:
    assert names(foretold("2026-03-29T02:30")) == ["Bob", "Bob"] == names(foretold("2026-03-29T03:30"))


@pytest.mark.parametrize(
    ("now", "until", "expected"),
    [
        ("2026-03-29T00:30", "02:30", "2026-03-29T01:00"),
        ("2026-10-25T00:00", "02:30", "2026-10-25T00:30"),
        ("2026-10-25T00:50", "02:30", "2026-10-25T01:30"),
    ],
)
def test_a_snooze_ends_when_the_clocks_next_say_so(now: str, until: str, expected: str) -> None:
    began, ends = (datetime.fromisoformat(written).replace(tzinfo=UTC) for written in (now, expected))
    assert snoozes.until(until, began, "Europe/Paris") == ends


def test_who_stands_in_from_an_hour_that_is_skipped_does_so_when_the_clocks_jump() -> None:
    stands_in = """
overrides: [{team: SRE, person: ada, start: "2026-03-29T02:30", end: "2026-03-29T06:00"}]
"""
    found = directory(HOUSE, stands_in)
    [team] = found.teams
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    [first] = _shifts_of(found, team, jump)
    assert found.people[first.person].name == "Ada"


def _shifts_of(found: Directory, team: str, at: datetime) -> list[Shift]:
    running = shifts(found.schedule(team), at, at + timedelta(minutes=1))
    return [one for one in running if one.start <= at < one.end]


def test_an_imported_shift_over_the_change_is_as_long_as_it_was() -> None:
    said = {
        "users": [{"id": "U1", "username": "ada", "email": "ada@example.com"}],
        "schedules": [{"id": "S1", "name": "Primary", "type": "web", "time_zone": "Europe/Paris", "shifts": ["O1"]}],
        "on_call_shifts": [
            {"id": "O1", "name": "Night", "type": "single_event", "start": "2026-10-24T20:00:00", "duration": 43200}
            | {"users": ["U1"]}
        ],
    }
    files = [(f"oncall/{name}.json", json.dumps(things).encode()) for name, things in said.items()]
    house = oncall.carried(files, datetime(2026, 10, 1, tzinfo=UTC))
    [override] = catalog(*house.files().values()).overrides
    assert override.end - override.start == timedelta(hours=12)
