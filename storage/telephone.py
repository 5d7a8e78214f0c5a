"""What became of telephone calls."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from domain.telephone import CallRecord, CallState
from storage.catalog import table
from storage.store import Transaction
from storage.telephone_tables import CallRow

_CALLS = table(CallRow)


def find(tx: Transaction, notification: str) -> CallRecord | None:
    """What is known of a page's call; None before anything was said of it."""
    row = tx.execute(select(_CALLS).where(_CALLS.c.notification == notification)).first()
    if row is None:
        return None
    return CallRecord(
        notification=row.notification, state=CallState(row.state), keys=row.keys, changed_at=row.changed_at
    )


def put(tx: Transaction, call: CallRecord) -> None:
    """Keep it. The caller holds the incident: what is said of one call comes one after another."""
    tx.execute(delete(_CALLS).where(_CALLS.c.notification == call.notification))
    values = {name: getattr(call, name) for name in CallRecord.__dataclass_fields__}
    tx.execute(insert(_CALLS).values(values | {"state": call.state.value}))
