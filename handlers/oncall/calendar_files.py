"""Pure: an iCalendar file turned into events, recurrences and zones included. Nothing in it is taken on trust."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar
from icalendar.error import InvalidCalendar

from domain import wall_clock
from domain.calendars import Event, Unreadable

MOST_EVENTS = 2000
LONGEST_NAME = 200
_ELSEWHERE = ("DECLINED", "DELEGATED")
"""An attendee's answer by which the event is not theirs."""
_SPLIT = re.compile(r"(?:(?<!\s)\s++)?[:,;|/–—]\s*+|(?<!\s)\s++-\s++")
_UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    OSError,
    RecursionError,
    InvalidCalendar,
)
"""What the libraries raise at hostile text: zones, above all, are looked for as files and as packages."""
_TOO_OFTEN = re.compile(r"FREQ=(SECONDLY|MINUTELY)", re.IGNORECASE)


def events(text: str, zone: str, start: datetime, end: datetime) -> list[Event]:
    """The events of a calendar between two moments; what has no zone is on the clock of `zone`. Raises Unreadable."""
    if _TOO_OFTEN.search(text):
        raise Unreadable("an event repeats every minute or second")
    try:
        calendar = Calendar.from_ical(text)
        calendar.subcomponents = [one for one in calendar.subcomponents if _has_a_time(one)]
        coming = recurring_ical_events.of(calendar).after(start - timedelta(days=60))
        found = list(islice(takewhile(lambda one: _begins(one, zone) < end, coming), MOST_EVENTS + 1))
        read = [event for one in found for event in _event(one, zone)]
    except _UNREADABLE as error:
        raise Unreadable(f"it is not an iCalendar file that can be read ({type(error).__name__})") from None
    if len(found) > MOST_EVENTS:
        raise Unreadable(f"it has more than {MOST_EVENTS} events in three months")
    return sorted((one for one in read if one.end > start), key=lambda one: (one.start, one.end, one.names))


def _has_a_time(component: Any) -> bool:
    """What has none, as some programs write of an event that was cancelled, is nobody's shift, and no reason to lose
    everybody else's."""
    return component.name != "VEVENT" or "DTSTART" in component


def _begins(component: Any, zone: str) -> datetime:
    return _moment(component.start, zone)


def _event(component: Any, zone: str) -> Iterator[Event]:
    if str(component.get("STATUS", "")).upper() == "CANCELLED":
        return
    begins, ends = component.start, component.end
    start, end = _moment(begins, zone), _moment(ends, zone)
    if end > start:
        yield Event(start, end, tuple(_names(component)))


def _names(component: Any) -> Iterator[str]:
    """The addresses of attendees who have not declined, then what the title says, in parts and whole."""
    attendees = component.get("ATTENDEE") or []
    for one in attendees if isinstance(attendees, list) else [attendees]:
        if str(getattr(one, "params", {}).get("PARTSTAT", "")).upper() not in _ELSEWHERE:
            yield str(one).casefold().removeprefix("mailto:")[:LONGEST_NAME]
    title = " ".join(str(component.get("SUMMARY", "")).split())[:LONGEST_NAME]
    parts = [part for part in _SPLIT.split(title) if part]
    if len(parts) > 1:
        yield from parts
    if title:
        yield title


def _moment(said: date, zone: str) -> datetime:
    if not isinstance(said, datetime):
        return wall_clock.first(datetime.combine(said, time(0)), ZoneInfo(zone))
    return said.astimezone(UTC) if said.tzinfo else wall_clock.first(said, ZoneInfo(zone))
