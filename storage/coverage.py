"""What the sweep of the next days depends on."""

from __future__ import annotations

from sqlalchemy import func, select

from storage.catalog import revision, table
from storage.glances import Glance
from storage.store import Transaction
from storage.trouble_tables import TroubleRow

_TROUBLES = table(TroubleRow)
_MARK = (Glance(select(func.count()).select_from(_TROUBLES)), Glance(select(func.max(_TROUBLES.c.since))))


def mark(tx: Transaction) -> tuple[object, ...]:
    """Another one whenever the catalog has changed, a target has broken or works again."""
    return (revision(tx), *(one.seen(tx) for one in _MARK))
