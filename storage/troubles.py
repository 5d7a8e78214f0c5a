"""What stands in a page's way, kept until it works again."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select

from domain.troubles import Known, Trouble
from storage.catalog import table
from storage.store import Transaction
from storage.trouble_tables import TroubleRow
from storage.upserts import put_if_new

_TROUBLES = table(TroubleRow)


def listed(tx: Transaction) -> list[Known]:
    """All that last, the oldest first. What only a newer version knows is left to that."""
    known = [one.value for one in Trouble]
    found = tx.execute(select(_TROUBLES).where(_TROUBLES.c.trouble.in_(known)).order_by(_TROUBLES.c.since))
    return [Known(**{**row._asdict(), "trouble": Trouble(row.trouble)}) for row in found]


def put(tx: Transaction, one: Known) -> bool:
    """Keep a trouble; whether it is new. Of two transactions that find it together, one does."""
    values = {
        "name": one.name,
        "trouble": one.trouble.value,
        "label": one.label[:200],
        "detail": one.detail[:500],
        "since": one.since,
    }
    return put_if_new(tx, _TROUBLES, values)


def forget(tx: Transaction, names: Collection[str]) -> None:
    """These work again."""
    if names:
        tx.execute(delete(_TROUBLES).where(_TROUBLES.c.name.in_(sorted(names))))
