"""Calendars of strangers, read in a process of their own: what they cost is theirs to pay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.engine.apart import events_of
from domain.calendars import Unreadable
from handlers.oncall.calendar_files import events

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
BETWEEN = (NOW - timedelta(days=35), NOW + timedelta(days=70))


def calendar(rule: str, start: str = "20260105T090000") -> str:
    said = ["UID:1", f"DTSTART:{start}", f"DTEND:{start[:9]}180000", f"RRULE:{rule}", "SUMMARY:ada"]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//EN", "BEGIN:VEVENT", *said, "END:VEVENT", "END:VCALENDAR"]
    return "".join(f"{line}\r\n" for line in lines)


async def test_what_is_read_apart_is_what_is_read() -> None:
    text = calendar("FREQ=WEEKLY")
    assert await events_of(text, "Europe/Paris", *BETWEEN) == events(text, "Europe/Paris", *BETWEEN) != []
    with pytest.raises(Unreadable, match="not an iCalendar file"):
        await events_of("no calendar", "Europe/Paris", *BETWEEN)


async def test_a_bomb_is_put_out() -> None:
    """Half a million hours, and a 30th of February that is looked for until the year 9999: in the loop's own process
    each took minutes of what pages need."""
    for bomb in (calendar("FREQ=HOURLY", "19700101T090000"), calendar("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30")):
        with pytest.raises(Unreadable, match="longer than"):
            await events_of(bomb, "Europe/Paris", *BETWEEN, seconds=1)
