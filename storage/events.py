"""What calendars outside say, between JSON and shifts: whose an event is, is looked up when the catalog is read, so
that somebody who joins the people is found without another look at the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.calendars import LAYER, ROTATION, Event, known_as, person_of
from domain.oncall import Shift
from domain.people import Person


def content(found: Sequence[Event]) -> list[dict[str, Any]]:
    """Events as JSON."""
    return [{"start": one.start.isoformat(), "end": one.end.isoformat(), "names": list(one.names)} for one in found]


def read(said: Sequence[dict[str, Any]]) -> list[Event]:
    """Events from JSON."""
    return [Event(_moment(one["start"]), _moment(one["end"]), tuple(one["names"])) for one in said]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def shifts(said: Sequence[dict[str, Any]], people: Iterable[Person]) -> tuple[Shift, ...]:
    """Events as shifts of the people that they name; those that name nobody are left out."""
    known = known_as(people)
    found = ((event, person_of(event, known)) for event in read(said))
    return tuple(Shift(person.id, ROTATION, event.start, event.end, LAYER) for event, person in found if person)
