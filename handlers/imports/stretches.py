"""Times of the week out of what other tools say, and moments of theirs. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain import wall_clock
from domain.oncall import EVERY_DAY, Hours
from handlers.catalog.on_call import hours_text, zones
from handlers.imports.reading import Said

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)


def stretch(days: tuple[int, ...], start: time, length: timedelta) -> list[str]:
    """From `start` on each of `days` for `length`, as the files write it; nothing for a week or more: it is always."""
    if length >= WEEK or (length >= DAY and days == EVERY_DAY):
        return []
    if length <= DAY:
        return [hours_text(Hours(days, start, clock(since_midnight(start) + length)))]
    return [part for day in days for part in _long(day, start, length)]


def _long(day: int, start: time, length: timedelta) -> list[str]:
    """One that goes over several midnights."""
    end = since_midnight(start) + length
    whole = tuple(sorted((day + number) % 7 for number in range(1, end // DAY)))
    found = [Hours((day,), start, time(0))] + ([Hours(whole)] if whole else [])
    rest = end % DAY
    if rest:
        found.append(Hours(((day + end // DAY) % 7,), time(0), clock(rest)))
    return [hours_text(one) for one in found]


def since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute)


def clock(since: timedelta) -> time:
    """The time of the day so long after some midnight, to the minute."""
    minutes = int(since % DAY / timedelta(minutes=1))
    return time(minutes // 60, minutes % 60)


def zone_of(written: str) -> str:
    """A zone there is; UTC for what is none."""
    return written if written in zones() else "UTC"


def moment(value: object) -> datetime | None:
    """A moment as exports write it: ISO 8601, with UTC where no zone is said, or milliseconds since 1970."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return wall_clock.near(datetime.fromtimestamp(value / 1000, UTC))
        found = wall_clock.written(value.strip()) if isinstance(value, str) else None
        return None if found is None else (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def wall(at: datetime, zone: str) -> datetime:
    """What the clocks of a zone show, to the minute."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0, microsecond=0)


def rotation(said: Said, name: str, start: datetime, every: str, people: list[str]) -> dict[str, object]:
    """A rotation as the files write it; `said` has its hours and its layer, where it has any."""
    made: dict[str, object] = {"name": name[:100].strip() or "primary", "start": start.isoformat(), "every": every}
    made["people"] = people
    return made | {part: said[part] for part in ("hours", "layer") if said.get(part)}
