"""The figures of many incidents: how fast they were seen, paged, taken and mended. Pure.

MTTD, MTTA and MTTR as the guide defines them; what nobody had to do anything for is counted apart, since a mean over it
says nothing about people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import fmean, median, quantiles
from zoneinfo import ZoneInfo

from domain.alerts import source_name
from domain.incidents import ALERTS_OVER, HEARD_AGAIN, Incident, Severity, Status
from domain.kpis import kpis


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Created from `start` until `end`, which is excluded (both aware); of these teams, services (ids) and severities,
    all of them when none is named."""

    start: datetime
    end: datetime
    teams: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One incident, and when the first page to a person was accepted by its provider."""

    incident: Incident
    paged_at: datetime | None = None

    @property
    def is_duplicate(self) -> bool:
        return bool(self.incident.duplicate_of)

    @property
    def is_self_resolved(self) -> bool:
        """Whether its source ended it, and nobody had taken it."""
        one = self.incident
        by_source = bool(one.source) and one.resolved_by == source_name(one.source)
        is_said = one.resolution_note == ALERTS_OVER or one.resolution_note.endswith(HEARD_AGAIN)
        return one.status is Status.RESOLVED and one.acknowledged_at is None and (by_source or is_said)

    @property
    def is_drill(self) -> bool:
        return self.incident.is_drill

    @property
    def counts(self) -> bool:
        """Whether it says something about people and the real thing."""
        return not (self.is_duplicate or self.is_self_resolved or self.is_drill)


@dataclass(frozen=True, slots=True)
class Figure:
    """One length of time over `count` incidents, in seconds; None when it is of none."""

    count: int = 0
    mean: float | None = None
    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`count` are the incidents of the window that count: duplicates, what resolved itself and drills stand beside it.

    `intake` is from the first alert to the creation, `notification` from there to the first page that a provider took
    for a person, `human` from that page to the acknowledgement.
    """

    count: int = 0
    open: int = 0
    duplicates: int = 0
    self_resolved: int = 0
    drills: int = 0
    mttd: Figure = field(default_factory=Figure)
    mtta: Figure = field(default_factory=Figure)
    mttr: Figure = field(default_factory=Figure)
    intake: Figure = field(default_factory=Figure)
    notification: Figure = field(default_factory=Figure)
    human: Figure = field(default_factory=Figure)


@dataclass(frozen=True, slots=True)
class Trend:
    """The figures of a team (an id) now, and of as long a time before."""

    team: str
    now: Report
    before: Report


class Group(StrEnum):
    """What incidents are put together by."""

    TEAM = "team"
    SERVICE = "service"
    SEVERITY = "severity"
    WEEK = "week"
    DAY = "day"


def figure(lengths: Iterable[float | None]) -> Figure:
    """Count, mean, median and the 90th percentile, which is interpolated between the two values beside it."""
    known = [length for length in lengths if length is not None]
    if not known:
        return Figure()
    ninetieth = quantiles(known, n=10, method="inclusive")[8] if len(known) > 1 else known[0]
    return Figure(len(known), fmean(known), median(known), ninetieth)


def report(cases: Sequence[Case]) -> Report:
    """The figures of `cases`."""
    counted, real = [case for case in cases if case.counts], [case for case in cases if not case.is_drill]
    found = [kpis(case.incident) for case in counted]
    return Report(
        count=len(counted),
        open=sum(case.incident.is_open for case in counted),
        duplicates=sum(case.is_duplicate for case in real),
        self_resolved=sum(case.is_self_resolved and not case.is_duplicate for case in real),
        drills=len(cases) - len(real),
        mttd=figure(one.mttd_seconds for one in found),
        mtta=figure(one.mtta_seconds for one in found),
        mttr=figure(one.mttr_seconds for one in found),
        intake=figure(_between(case.incident.received_at, case.incident.created_at) for case in counted),
        notification=figure(_between(case.incident.created_at, case.paged_at) for case in counted),
        human=figure(_human(case) for case in counted),
    )


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else max((end - start).total_seconds(), 0.0)


def _human(case: Case) -> float | None:
    """From the first page to whoever took it; somebody who took it before any page came is no answer to one."""
    taken = case.incident.acknowledged_at
    if taken is None or case.paged_at is None or taken < case.paged_at:
        return None
    return _between(case.paged_at, taken)


def grouped(cases: Iterable[Case], by: Group, zone: str) -> dict[str, Report]:
    """The figures of each team or service (ids), severity, ISO week ("2026-W48") or day of `zone`, in that order."""
    keys: dict[Group, Callable[[Incident], str]] = {
        Group.TEAM: lambda incident: incident.team,
        Group.SERVICE: lambda incident: incident.service,
        Group.SEVERITY: lambda incident: incident.severity.value,
        Group.WEEK: lambda incident: week_of(incident.created_at, zone),
        Group.DAY: lambda incident: day_of(incident.created_at, zone).isoformat(),
    }
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(keys[by](case.incident), []).append(case)
    return {key: report(groups[key]) for key in sorted(groups)}


def week_of(at: datetime, zone: str) -> str:
    """The ISO week of a moment on the clocks of `zone`, such as "2026-W48"."""
    year, week, _ = day_of(at, zone).isocalendar()
    return f"{year}-W{week:02}"


def day_of(at: datetime, zone: str) -> date:
    """The day of a moment on the clocks of `zone`."""
    return at.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True)
class Bucket:
    """The figures of one day, or of the ISO week that begins on `start`."""

    start: date
    report: Report
    severities: Mapping[Severity, int]


SHORTEST_BY_WEEK = timedelta(days=15)
"""Windows shorter than this are looked at by day."""


def by_time(cases: Iterable[Case], window: Window, zone: str) -> tuple[Bucket, ...]:
    """The figures of each day of a short window, or each ISO week of a longer one, those without incidents too."""
    step = 1 if window.end - window.start < SHORTEST_BY_WEEK else 7
    found: dict[date, list[Case]] = {}
    for case in cases:
        found.setdefault(_first(day_of(case.incident.created_at, zone), step), []).append(case)
    day, last = _first(day_of(window.start, zone), step), day_of(window.end - timedelta(microseconds=1), zone)
    buckets = []
    while day <= last:
        buckets.append(_bucket(day, found.get(day, [])))
        day += timedelta(days=step)
    return tuple(buckets)


def _first(day: date, step: int) -> date:
    return day if step == 1 else day - timedelta(days=day.weekday())


def _bucket(day: date, cases: Sequence[Case]) -> Bucket:
    counted = Counter(case.incident.severity for case in cases if case.counts)
    return Bucket(day, report(cases), {one: counted[one] for one in Severity if counted[one]})
