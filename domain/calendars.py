"""Calendars outside: what their events say, and whose they are. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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


def person_of(event: Event, people: Sequence[Person]) -> Person | None:
    """Whom an event names: by an e-mail address, else by handle or name; None when it is nobody here."""
    for name in event.names:
        wanted = name.strip().casefold().removeprefix("mailto:").removeprefix("@")
        for person in people:
            if wanted and wanted in (person.email.casefold(), person.handle.casefold(), person.name.casefold()):
                return person
    return None


def strangers(events: Sequence[Event], people: Sequence[Person]) -> tuple[str, ...]:
    """What the events call people whom nobody here is, each once."""
    lost = (event for event in events if person_of(event, people) is None)
    return tuple(dict.fromkeys(event.names[-1] if event.names else "?" for event in lost))
