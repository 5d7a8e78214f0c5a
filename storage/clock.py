"""Where a clock that runs faster left the world's, kept so that a restart goes on and not back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from storage.catalog import table
from storage.clock_tables import ClockAnchor
from storage.store import Transaction

_ANCHOR = table(ClockAnchor)


def read(tx: Transaction) -> tuple[float, datetime, datetime] | None:
    """The speed, the world's time and ours, as last kept."""
    row = tx.execute(select(_ANCHOR)).first()
    return (row.speed, row.wall, row.product) if row else None


def keep(tx: Transaction, speed: float, wall: datetime, product: datetime) -> None:
    """Keep them instead of what was kept before."""
    tx.execute(delete(_ANCHOR))
    tx.execute(insert(_ANCHOR).values(id=1, speed=speed, wall=wall, product=product))
