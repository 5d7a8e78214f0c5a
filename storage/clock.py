"""What the database knows of the time: what its server's clock shows, and where a clock that runs faster left the
world's, kept so that a restart goes on and not back."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, func, insert, select

from storage.catalog import table
from storage.clock_tables import ClockAnchor
from storage.prepared import prepared
from storage.store import Transaction

_ANCHOR = table(ClockAnchor)


def shown(tx: Transaction) -> datetime:
    """What the clock of a PostgreSQL server shows now, aware; not when the transaction began."""
    moment: datetime = tx.execute(_SHOWN).scalar_one()
    return moment.astimezone(UTC)


_SHOWN = prepared(select(func.clock_timestamp()))


def read(tx: Transaction) -> tuple[float, datetime, datetime] | None:
    """The speed, the world's time and ours, as last kept."""
    row = tx.execute(select(_ANCHOR)).first()
    return (row.speed, row.wall, row.product) if row else None


def keep(tx: Transaction, speed: float, wall: datetime, product: datetime) -> None:
    """Keep them instead of what was kept before."""
    tx.execute(delete(_ANCHOR))
    tx.execute(insert(_ANCHOR).values(id=1, speed=speed, wall=wall, product=product))
