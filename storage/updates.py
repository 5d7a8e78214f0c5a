"""When others are to hear of incidents again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from domain.updates import Watch
from storage.catalog import table
from storage.glances import Glance
from storage.prepared import among, prepared
from storage.store import Transaction
from storage.update_tables import UpdateWatchRow

_WATCHES = table(UpdateWatchRow)
_NAMES = tuple(Watch.__dataclass_fields__)


def by_incidents(tx: Transaction, incidents: Sequence[str]) -> dict[str, Watch]:
    """The watches of these incidents, of those that have one."""
    return {row.incident: _read(row) for row in tx.execute(_OF, {"ids": list(incidents)})}


_OF = prepared(select(_WATCHES).where(among(_WATCHES.c.incident, "ids")))


def put(tx: Transaction, watch: Watch) -> None:
    """Keep a watch as it is now."""
    drop(tx, watch.incident)
    tx.execute(insert(_WATCHES).values({name: getattr(watch, name) for name in _NAMES}))


def drop(tx: Transaction, incident: str) -> None:
    """Nobody is to be reminded of an incident any more."""
    tx.execute(delete(_WATCHES).where(_WATCHES.c.incident == incident))


def next_wake(tx: Transaction) -> datetime | None:
    """When somebody is to be reminded next."""
    return _NEXT_WAKE.seen(tx)


_NEXT_WAKE = Glance(select(func.min(_WATCHES.c.wake_at)).where(_WATCHES.c.wake_at.is_not(None)))


def due(tx: Transaction, now: datetime) -> list[str]:
    """The incidents of which somebody is to be reminded."""
    wanted = select(_WATCHES.c.incident).where(_WATCHES.c.wake_at <= now).order_by(_WATCHES.c.wake_at).limit(100)
    return list(tx.execute(wanted).scalars())


def _read(row: Any) -> Watch:
    return Watch(**{name: getattr(row, name) for name in _NAMES})
