"""Calendars outside: what their events say, and whose they are. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from domain.directory import folded
from domain.errors import VigieError
from domain.people import Person

ROTATION = "calendar"
"""What the shifts of a calendar are called, beside the rotations' names."""
LAYER = 1
"""A calendar covers the rotations of the lowest layer: they fill what it leaves empty."""


class Unreadable(VigieError):
    """It is not a calendar that can be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: from `start` to `end`, and the addresses and names that it gives, attendees first."""

    start: datetime
    end: datetime
    names: tuple[str, ...]


def known_as(people: Iterable[Person]) -> dict[str, Person]:
    """Whom an address, a handle or a name means, in this order; of two whom it may mean, whoever is not switched off,
    and of two such, whoever came first."""
    latest = sorted(people, key=lambda person: person.id, reverse=True)
    found: dict[str, Person] = {}
    for some in ([one for one in latest if not one.is_active], [one for one in latest if one.is_active]):
        for said in (_name, _handle, _email):
            found |= {folded(said(person)): person for person in some if said(person)}
    return found


_name, _handle, _email = attrgetter("name"), attrgetter("handle"), attrgetter("email")


def person_of(event: Event, known: Mapping[str, Person]) -> Person | None:
    """Whom an event names, of those who are `known_as` something; None when it is nobody here."""
    called = (folded(name).removeprefix("mailto:").removeprefix("@") for name in event.names)
    return next((known[name] for name in called if name in known), None)


def strangers(events: Sequence[Event], people: Sequence[Person]) -> tuple[str, ...]:
    """What the events call people whom nobody here is, each once."""
    known = known_as(people)
    lost = (event for event in events if person_of(event, known) is None)
    return tuple(dict.fromkeys(event.names[-1] if event.names else "?" for event in lost))
