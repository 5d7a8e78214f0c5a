"""How long an incident may be quiet, from what somebody types or chooses. Pure; `now` is an argument."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain import wall_clock
from domain.errors import Fault, Invalid
from domain.lifecycle import LONGEST_SNOOZE

CHOICES = ("15m", "1h", "4h", "09:00")
"""What the card offers; a time of the day is the next one on the reader's clock."""
SHORTEST = timedelta(minutes=1)
_PARTS = re.compile(
    r"(?:(\d{1,3})\s*+(?:d(?:ays?)?|j(?:ours?)?))?\s*+(?:(\d{1,4})\s*+h(?:ours?|eures?)?)?"
    r"\s*+(?:(\d{1,5})\s*+(?:m(?:in(?:utes?)?)?)?)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:(?:until|jusqu['’]à)\s+)?([01]?\d|2[0-3]):([0-5]\d)", re.IGNORECASE)


def until(text: str, now: datetime, zone: str, speed: int = 1) -> datetime:
    """The moment that "30m", "1h30", "2d", French "2j" or "09:00" (in an IANA zone) means; a length passes `speed`
    times faster. Raises Invalid naming `until`."""
    said = text.strip()
    clock = _CLOCK.fullmatch(said)
    if clock:
        return _next_time(time(int(clock[1]), int(clock[2])), now, zone)
    parts = _PARTS.fullmatch(said)
    days, hours, minutes = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0)
    length = timedelta(days=days, hours=hours, minutes=minutes)
    return now + (checked(now + length, now) - now) / speed


def checked(moment: datetime, now: datetime) -> datetime:
    """`moment`, if an incident may be quiet until then. Raises Invalid."""
    if not SHORTEST <= moment - now <= LONGEST_SNOOZE:
        raise Invalid([Fault("until", "say for how long, from 1m to 7d, such as 30m, 4h or 09:00")])
    return moment


def _next_time(clock: time, now: datetime, zone: str) -> datetime:
    """The next time that a clock of that zone shows `clock`."""
    clocks = ZoneInfo(zone)
    today = datetime.combine(wall_clock.reading(now, clocks), clock)
    shown = [
        show(day, clocks) for day in (today, today + timedelta(days=1)) for show in (wall_clock.first, wall_clock.last)
    ]
    return next(one for one in shown if one - now >= SHORTEST)
