"""The figures of a team's week, and when they are due. Pure; `now` is an argument."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.incidents import Severity
from domain.reports import Case, Report, day_of, report


def last_week(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """The last whole ISO week before `now` on the clocks of `zone`: 167 or 169 hours when they were changed in it."""
    monday = day_of(now, zone) - timedelta(days=day_of(now, zone).weekday())
    return _midnight(monday - timedelta(days=7), zone), _midnight(monday, zone)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Week:
    """A team's week and the one before; `days` are its first and its last."""

    days: tuple[date, date]
    report: Report
    before: Report
    severities: Mapping[Severity, int]


def week(cases: Sequence[Case], before: Sequence[Case], start: datetime, zone: str) -> Week:
    """The week that begins at `start` on the clocks of `zone`."""
    first = day_of(start, zone)
    counted = Counter(case.incident.severity for case in cases if case.counts)
    return Week((first, first + timedelta(days=6)), report(cases), report(before), counted)


DIGEST_AT = time(9)
"""On Mondays, on the team's clocks: when people are back, and nobody is woken."""
LATEST_DIGEST = timedelta(hours=24)
"""After that a week's figures are no news: a Vigie that was down on Monday says nothing on Wednesday."""


@dataclass(frozen=True, slots=True)
class DigestDue:
    """Whether a digest is due now, and when the next one is."""

    is_due: bool
    next: datetime


def next_digest(now: datetime, zone: str) -> DigestDue:
    """Where `now` is between two Mondays at 09:00 of `zone`."""
    monday = day_of(now, zone) - timedelta(days=day_of(now, zone).weekday())
    this, following = (
        datetime.combine(day, DIGEST_AT, ZoneInfo(zone)).astimezone(UTC) for day in (monday, monday + timedelta(days=7))
    )
    return DigestDue(this <= now < this + LATEST_DIGEST, this if now < this else following)
