"""Pages that wait in messages for many, taken out of them."""

from __future__ import annotations

from sqlalchemy import bindparam, delete

from domain.notifications import Notification, NotificationState
from storage import notifications, storms
from storage.catalog import table
from storage.prepared import among, prepared
from storage.store import Transaction
from storage.storm_tables import BundledRow

_BUNDLED = table(BundledRow)


def take_out(tx: Transaction, incident: str) -> list[Notification]:
    """An incident's pages to people that are held and were not tried: they are in no message from here on. What begins
    to leave meanwhile keeps its own."""
    storms.decide_alone(tx)
    held = notifications.by_ids(tx, storms.held_until(tx, incident)).values()
    fresh = [page for page in held if page.state is NotificationState.WAITING and not page.failure]
    out = sorted((page for page in fresh if not page.is_to_a_channel), key=lambda page: page.id)
    if out:
        tx.execute(_OUT, {"of": incident, "ids": [page.id for page in out]})
    return out


_OUT = prepared(
    delete(_BUNDLED).where(_BUNDLED.c.incident == bindparam("of"), among(_BUNDLED.c.notification, "ids")),
    is_heard=False,
)
