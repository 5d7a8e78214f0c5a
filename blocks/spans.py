"""From when to when: in each reader's own zone where Slack can, in the team's zone where it can't."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from blocks import kit
from blocks.words import Words


def moment(at: datetime, zone: str, say: Words) -> str:
    """A time that Slack shows in the reader's zone."""
    return kit.moment(at, f"{say.date(at, zone)} {zone}")


_SOON = timedelta(hours=18)
"""A time of the day that is nearer than this needs no day beside it."""


def hour(at: datetime, now: datetime, zone: str, say: Words) -> str:
    """A time of the day that Slack shows in the reader's zone, with its day in brackets when it is far from `now`."""
    plain = plain_hour(at, now, zone, say)
    return kit.clock_time(at, f"{plain} UTC" if zone == "UTC" else plain, with_day=abs(at - now) >= _SOON)


def plain_hour(at: datetime, now: datetime, zone: str, say: Words) -> str:
    """The same where Slack can't put it in the reader's zone."""
    time = say.clock(at, zone)
    return time if abs(at - now) < _SOON else f"{time} ({say.short_day(at.astimezone(ZoneInfo(zone)))})"


def span(start: datetime, end: datetime, zone: str, say: Words) -> str:
    """ "Monday 09:00 → Tuesday 09:00"; of one day, the day once."""
    # A day in one zone is two in another: only what is short is surely read as one.
    if end - start < timedelta(hours=12) and start.date() == end.date():
        until = kit.clock_time(end, f"{say.clock(end, zone)} {zone}")
    else:
        until = moment(end, zone, say)
    return f"{moment(start, zone, say)} → {until}"


def plain_span(start: datetime, end: datetime, zone: str, say: Words) -> str:
    """The same as plain text, for a menu: in the team's zone."""
    return f"{say.date(start, zone)} → {say.date(end, zone)}"
