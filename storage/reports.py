"""Incidents of a window with when somebody was first paged for them: as many rows as the window has incidents."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, select

from domain.notifications import NotificationState
from domain.reports import Case, Window
from storage import incidents, rows
from storage.catalog import table
from storage.incident_tables import IncidentRow
from storage.notification_tables import NotificationRow
from storage.store import Transaction

_INCIDENTS = table(IncidentRow)
_NOTIFICATIONS = table(NotificationRow)
MOST = 50_000
"""Incidents of one report: a year of a hundred a day."""


def cases(tx: Transaction, window: Window, most: int = MOST) -> list[Case]:
    """The incidents of `window`, the latest first, at most so many."""
    return [Case(rows.incident(row[:-1]), row[-1]) for row in tx.execute(statement(window, most))]


def statement(window: Window, most: int = MOST) -> Select[Any]:
    """What finds the incidents of `window`, each with when it was first paged for."""
    columns = {"team": window.teams, "service": window.services, "severity": window.severities}
    wanted = [_INCIDENTS.c[name].in_(values) for name, values in columns.items() if values]
    inside = and_(_INCIDENTS.c.created_at >= window.start, _INCIDENTS.c.created_at < window.end, *wanted)
    # A look an incident, and no join: SQLite goes through every page there ever was to group them.
    sent = (
        select(func.min(_NOTIFICATIONS.c.sent_at))
        .where(
            _NOTIFICATIONS.c.incident == _INCIDENTS.c.id,
            _NOTIFICATIONS.c.person != "",
            _NOTIFICATIONS.c.state == NotificationState.SENT.value,
        )
        .scalar_subquery()
    )
    latest = incidents.SELECT.add_columns(sent).where(inside)
    return latest.order_by(_INCIDENTS.c.created_at.desc()).limit(most)
