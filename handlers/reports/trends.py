"""The last 30 days of teams beside the 30 before, for Home tabs: looked up at most once an hour a team, since a Home
tab is drawn anew with every change."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.reports import Trend, Window, report
from storage import reports
from storage.store import Transaction

LENGTH = timedelta(days=30)
EVERY = timedelta(hours=1)


class Trends:
    """Remembers what it found; a process of its own looks for itself."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[datetime, Trend]] = {}

    def of(self, tx: Transaction, team: str, now: datetime) -> Trend:
        """The trend of a team (an id), of now or of up to an hour ago."""
        before = self._found.get(team)
        if before and timedelta(0) <= now - before[0] < EVERY:
            return before[1]
        trend = _look(tx, team, now)
        self._found[team] = now, trend
        return trend


def _look(tx: Transaction, team: str, now: datetime) -> Trend:
    both = reports.cases(tx, Window(start=now - 2 * LENGTH, end=now, teams=(team,)))
    middle = now - LENGTH
    return Trend(
        team,
        report([case for case in both if case.incident.created_at >= middle]),
        report([case for case in both if case.incident.created_at < middle]),
    )
