"""A team's schedule in a file: rotations with their hours and layers, or a calendar from outside. Pure."""

from __future__ import annotations

import difflib
import re
from datetime import datetime, time
from functools import cache
from pathlib import PurePosixPath
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from domain import wall_clock
from domain.oncall import EVERY_DAY, Hours, Unit
from handlers.catalog.drafts import OnCallDraft, RotationDraft
from handlers.catalog.source import Fields

_EVERY = re.compile(r"(\d{1,3})\s*(h|hours?|heures?|d|days?|w|weeks?|j|jours?|s|semaines?)", re.IGNORECASE)
_HOURS = re.compile(r"(?:(\D*[^\d\s])\s++)?(\d{1,2}[:h]\d{2})\s*+(?:-|–|to|à)\s*+(\d{1,2}[:h]\d{2})", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})[:h](\d{2})", re.IGNORECASE)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FRENCH = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
_HOURS_SAID = "must be times such as mon-fri 09:00-18:00"
_LARGEST_LAYER = 9
MOST_ROTATIONS = 20
_PEOPLE = 100


def read(fields: Fields) -> OnCallDraft:
    """What stands below `on_call`."""
    written = fields.text("timezone") or "UTC"
    if written not in zones():
        fields.fault("timezone", f"must be a zone such as {near_zone(written)}")
    draft = OnCallDraft(
        timezone=written if written in zones() else "UTC",
        rotations=tuple(_rotation(rotation) for rotation in fields.mappings("rotations")),
        calendar=_calendar(fields),
        hand_off=fields.flag("hand_off", default=True),
    )
    fields.close()
    return draft


@cache
def zones() -> frozenset[str]:
    """The zones there are."""
    return frozenset(available_timezones())


def near_zone(written: str) -> str:
    """The zone that somebody may have meant."""
    return next(iter(difflib.get_close_matches(written, zones(), n=1)), "Europe/Paris")


def _rotation(fields: Fields) -> RotationDraft:
    every, unit = _every(fields)
    draft = RotationDraft(
        fields=fields,
        name=fields.text("name", limit=100) or "primary",
        start=_start(fields),
        every=every,
        unit=unit,
        people=tuple(name.removeprefix("@") for name in fields.texts("people")),
        hours=_all_hours(fields),
        layer=_layer(fields),
    )
    if not draft.people:
        fields.fault("people", "is empty: name at least one person")
    fields.close()
    return draft


def _start(fields: Fields) -> datetime:
    written = fields.text("start", required=True)
    try:
        start = wall_clock.written(written) if written else None
    except ValueError:
        start = None
    if start is None or start.tzinfo is not None:
        if written:
            fields.fault("start", "must be a date and time on the zone's clock, such as 2026-01-05T09:00")
        return datetime(2026, 1, 5, 9)  # noqa: DTZ001 - a wall-clock time has no zone of its own
    return start


def _every(fields: Fields) -> tuple[int, Unit]:
    found = every(fields.text("every") or "1w")
    if found is None:
        fields.fault("every", "must be a number of hours, days or weeks, such as 1w, 2d or 12h")
    return found or (7, Unit.DAY)


def every(written: str) -> tuple[int, Unit] | None:
    """The length of a turn from a text such as 1w, 2d or 12h; None for any other."""
    found = _EVERY.fullmatch(written.strip())
    number, letter = (int(found[1]), found[2][0].lower()) if found else (0, "")
    if not number:
        return None
    if letter == "h":
        return number, Unit.HOUR
    return number * (7 if letter in "ws" else 1), Unit.DAY


def every_text(number: int, unit: Unit) -> str:
    """The length of a turn as it is written."""
    if unit is Unit.HOUR:
        return f"{number}h"
    return f"{number // 7}w" if number % 7 == 0 else f"{number}d"


def _layer(fields: Fields) -> int:
    written = fields.text("layer")
    if not written:
        return 0
    layer = int(written) if written.isascii() and written.isdigit() and len(written) < 3 else -1
    if not 0 <= layer <= _LARGEST_LAYER:
        fields.fault("layer", f"must be a number from 0 to {_LARGEST_LAYER}; the highest that has somebody counts")
        return 0
    return layer


def _all_hours(fields: Fields) -> tuple[Hours, ...]:
    found = []
    for written in fields.texts("hours"):
        one = hours(written)
        if one is None:
            fields.fault("hours", _HOURS_SAID)
        else:
            found.append(one)
    return tuple(found)


def hours(written: str) -> Hours | None:
    """Times of the week from a text such as `mon-fri 09:00-18:00`, `sat,sun 00:00-24:00` or `18:00-09:00`."""
    found = _HOURS.fullmatch(written.strip())
    days = _days(found[1] or "") if found else ()
    start, end = (_time(found[2]), _time(found[3])) if found else (None, None)
    return Hours(days, start, end) if days and start is not None and end is not None else None


def hours_text(one: Hours) -> str:
    """Times of the week as they are written."""
    end = "24:00" if one.end == time(0) else f"{one.end:%H:%M}"
    times = f"{one.start:%H:%M}-{end}"
    return times if one.days == EVERY_DAY else f"{days_text(one.days)} {times}"


def days_text(days: tuple[int, ...]) -> str:
    """Days as they are written: mon-fri, or sat,sun."""
    is_run = len(days) > 2 and days == tuple(range(days[0], days[-1] + 1))
    return f"{DAYS[days[0]]}-{DAYS[days[-1]]}" if is_run else ",".join(DAYS[day] for day in days)


def _time(written: str) -> time | None:
    found = _TIME.fullmatch(written)
    hour, minute = (int(found[1]), int(found[2])) if found else (99, 0)
    if (hour, minute) == (24, 0):
        return time(0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _days(written: str) -> tuple[int, ...]:
    """The days that `written` names, none when it does not name days; all of them when it is empty."""
    if not written.strip():
        return EVERY_DAY
    found: set[int] = set()
    for part in re.split(r"[,\s]+", written.strip()):
        ends = [_day(word) for word in part.split("-")]
        if not 1 <= len(ends) <= 2 or None in ends:
            return ()
        first, last = ends[0], ends[-1]
        assert first is not None and last is not None
        found |= {day % 7 for day in range(first, last + 1 if last >= first else last + 8)}
    return tuple(sorted(found))


def _day(word: str) -> int | None:
    short = word.strip().casefold()[:3]
    for names in (DAYS, _FRENCH):
        if short in names:
            return names.index(short)
    return None


def _calendar(fields: Fields) -> str:
    name = "ical" if fields.has("ical") else "calendar"
    written = fields.text("ical", "calendar", limit=1000)
    if written and not is_calendar(written):
        fields.fault(name, "must be an address that begins with https://, or the path of a file that begins with /")
        return ""
    return written


def is_calendar(written: str) -> bool:
    """Whether a text can be where a calendar is."""
    if written.startswith("/"):
        return ".." not in PurePosixPath(written).parts
    try:
        parts = urlsplit(written)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and written.isprintable() and " " not in written
