"""From what a clock on a wall says to moments, also where clocks skip an hour or show one twice. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1900, 9000
"""Beyond them a moment may be none in some zone, and a sum may end nowhere."""
_GRAIN = timedelta(seconds=1)


@lru_cache(maxsize=8192)
def first(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which clocks in `zone` say `wall` (naive); where they skip it, the moment they do."""
    early, late = _both(wall, zone)
    return _skip(late, early, zone) if early > late else early


@lru_cache(maxsize=8192)
def last(wall: datetime, zone: ZoneInfo) -> datetime:
    """The last moment at which they say it; it differs from `first` in the hour that clocks show twice."""
    early, late = _both(wall, zone)
    return _skip(late, early, zone) if early > late else late


def written(text: str) -> datetime:
    """A time as people and tools write it (ISO 8601), naive where it names no zone. Raises ValueError for what is none,
    and for one in a year that nothing can be reckoned with."""
    return near(datetime.fromisoformat(text))


def near(time: datetime) -> datetime:
    """The same, if it can be reckoned with. Raises ValueError."""
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise ValueError(f"the year {time.year} is too far away")
    return time


def reading(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks say at `moment`, naive."""
    return moment.astimezone(zone).replace(tzinfo=None)


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    try:
        return len(name) <= _LONGEST_NAME and ZoneInfo(name) is not None
    except (KeyError, ValueError, OSError):
        return False


_LONGEST_NAME = 64
"""Twice the longest there is: each part of a name is looked for as a package inside the one before."""


def _both(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return early, late


def _skip(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """When, between two moments, the clocks jump forward."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _GRAIN:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
