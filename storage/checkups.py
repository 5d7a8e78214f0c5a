"""Whether people can really be reached, as it was found last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from domain.checkups import TIME_TO_MEND, TRIED, Checkup, Doubt
from domain.notifications import NotificationState
from storage.catalog import table
from storage.checkup_tables import CheckupRow
from storage.notification_tables import NotificationRow
from storage.store import Transaction

_CHECKUPS, _NOTIFICATIONS = table(CheckupRow), table(NotificationRow)
_BACK = timedelta(days=30)


def all_of(tx: Transaction) -> dict[str, Checkup]:
    """Every one, by person."""
    return {row.person: _read(row) for row in tx.execute(select(_CHECKUPS))}


def put(tx: Transaction, checkups: Iterable[Checkup]) -> None:
    """Keep what was found of these people now."""
    values: list[dict[str, Any]] = [
        {
            "person": one.person,
            "seen_at": one.seen_at,
            "tested_at": one.tested_at,
            "doubts": [doubt.value for doubt in one.doubts],
        }
        for one in checkups
    ]
    if values:
        forget(tx, [one["person"] for one in values])
        tx.execute(insert(_CHECKUPS), values)


def forget(tx: Transaction, people: Iterable[str]) -> None:
    """These are paged no more."""
    tx.execute(delete(_CHECKUPS).where(_CHECKUPS.c.person.in_(list(people))))


def bounced(tx: Transaction, now: datetime) -> frozenset[str]:
    """The people whose last page by some channel, of the last month, its provider refused."""
    pages = _NOTIFICATIONS.c
    names = [channel.value for channel in TRIED]
    wanted = (
        select(pages.person, pages.channel, pages.state)
        .where(pages.person != "", pages.channel.in_(names))
        .where(pages.decided_at >= now - _BACK, pages.decided_at <= now - TIME_TO_MEND)
        .order_by(pages.decided_at, pages.id)
    )
    last = {(row.person, row.channel): row.state for row in tx.execute(wanted)}
    failed = NotificationState.FAILED.value
    return frozenset(person for (person, _), state in last.items() if state == failed)


def _read(row: Any) -> Checkup:
    doubts = tuple(Doubt(one) for one in row.doubts if one in list(Doubt))
    return Checkup(person=row.person, seen_at=row.seen_at, tested_at=row.tested_at, doubts=doubts)
