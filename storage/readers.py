"""The language of each Slack user, as Slack told it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update

from storage import catalog
from storage.catalog import table
from storage.home_tables import ReaderRow
from storage.store import Transaction

_READERS = table(ReaderRow)


def put(tx: Transaction, user: str, locale: str, now: datetime) -> None:
    """Keep what Slack told at `now`; the directory is read anew only when it is news."""
    before = catalog.directory(tx).readers.get(user)
    if before != locale:
        catalog.touch(tx)
    found = update(_READERS).where(_READERS.c.user == user).values(locale=locale, asked_at=now)
    if not tx.execute(found).rowcount:
        tx.execute(insert(_READERS).values(user=user, locale=locale, asked_at=now))


def stale(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """Slack users to ask about: people whom nobody asked about yet, then those last asked about before `before`."""
    directory = catalog.directory(tx)
    new = [one.slack for one in directory.people.values() if one.slack and one.slack not in directory.readers]
    old = select(_READERS.c.user).where(_READERS.c.asked_at < before).order_by(_READERS.c.asked_at).limit(limit)
    return [*new, *tx.execute(old).scalars()][:limit]
