"""What the sweep of the next days depends on."""

from __future__ import annotations

from sqlalchemy import func, select

from storage.catalog import table
from storage.catalog_tables import CatalogRevision
from storage.prepared import prepared
from storage.store import Transaction
from storage.trouble_tables import TroubleRow

_TROUBLES = table(TroubleRow)
_MARK = prepared(
    select(
        select(table(CatalogRevision).c.revision).scalar_subquery(),
        select(func.count()).select_from(_TROUBLES).scalar_subquery(),
        select(func.max(_TROUBLES.c.since)).scalar_subquery(),
    )
)


def mark(tx: Transaction) -> tuple[object, ...]:
    """Another one whenever the catalog has changed, a target has broken or works again."""
    return tuple(tx.execute(_MARK).one())
