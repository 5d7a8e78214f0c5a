"""What the figures of a window are, for commands and the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.clock import Clock
from domain.directory import Directory
from domain.reports import Bucket, Group, Report, Window, by_time, grouped, report
from storage import catalog, reports
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Found:
    """The figures of a window, which may be shorter than was asked for, of its groups if they were asked for, and the
    catalog that names those."""

    window: Window
    report: Report
    groups: Mapping[str, Report] = field(default_factory=dict)
    directory: Directory = field(default_factory=Directory)
    zone: str = "UTC"
    """On whose clocks days and weeks begin."""
    buckets: tuple[Bucket, ...] = ()


class ReportService:
    """Reads figures; changes nothing."""

    def __init__(self, store: Store, clock: Clock, *, most: int = reports.MOST) -> None:
        self._store = store
        self._clock = clock
        self._most = most

    def last(self, days: int) -> tuple[datetime, datetime]:
        """The `days` until now."""
        now = self._clock.now()
        return now - timedelta(days=days), now

    async def directory(self) -> Directory:
        """The catalog of now, to find what somebody names."""
        return await self._store.read(catalog.directory)

    async def report(self, window: Window, group: Group | None = None) -> Found:
        """The figures of `window`. Days and weeks are those of its one team's zone, or of UTC. Where it has too many
        incidents its latest are told, in a window that begins with the first of them."""

        def work(tx: Transaction) -> Found:
            directory, cases = catalog.directory(tx), reports.cases(tx, window, self._most)
            told = window if len(cases) < self._most else replace(window, start=cases[-1].incident.created_at)
            zone = _zone(window, directory)
            groups = grouped(cases, group, zone) if group else {}
            return Found(told, report(cases), groups, directory, zone, by_time(cases, told, zone))

        return await self._store.browse(work)


def _zone(window: Window, directory: Directory) -> str:
    """The zone of the one team that the window is about, by name or by its services."""
    named = {directory.services[one].team for one in window.services if one in directory.services}
    teams = [directory.teams[one] for one in window.teams or named if one in directory.teams]
    return teams[0].on_call.timezone if len(teams) == 1 else "UTC"
