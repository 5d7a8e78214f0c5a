"""Sources' signs of life: as the catalog has the sources, and when each was heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlmodel import SQLModel

from domain.heartbeats import Beat, Heartbeat
from domain.incidents import Severity
from storage.glances import Glance
from storage.incident_tables import IncidentRow
from storage.legible import Legible
from storage.oversight_tables import BeatRow, HeartbeatRow
from storage.rows import known
from storage.store import Transaction

_HEARTBEATS = SQLModel.metadata.tables[str(HeartbeatRow.__tablename__)]
_BEATS = SQLModel.metadata.tables[str(BeatRow.__tablename__)]
_INCIDENTS = SQLModel.metadata.tables[str(IncidentRow.__tablename__)]


def every(legible: Legible) -> dict[str, Heartbeat]:
    """Every source that the catalog has, by id."""
    query = select(_HEARTBEATS).order_by(_HEARTBEATS.c.name)
    return {one.id: one for one in legible.each("heartbeat", query, _HEARTBEATS.c.name, _heartbeat)}


def values(one: Heartbeat) -> dict[str, Any]:
    """What a row keeps of a source."""
    content = asdict(one) | {"severity": one.severity.value}
    return {name: content.pop(name) for name in ("id", "name")} | {"content": content}


def _heartbeat(row: Any) -> Heartbeat:
    return Heartbeat(
        id=row.id, name=row.name, **known(Heartbeat, row.content) | {"severity": Severity(row.content["severity"])}
    )


def beats(tx: Transaction) -> dict[str, Beat]:
    """When each source was heard, by its id."""
    return {row.heartbeat: _beat(row) for row in tx.execute(select(_BEATS))}


def due(tx: Transaction, now: datetime, limit: int) -> list[Beat]:
    """Those that are silent for too long, held until the transaction ends."""
    wanted = select(_BEATS).where(_BEATS.c.wake_at <= now).order_by(_BEATS.c.wake_at).limit(limit)
    return [_beat(row) for row in tx.execute(wanted.with_for_update(skip_locked=True))]


def next_wake(tx: Transaction) -> datetime | None:
    """When the next is silent for too long."""
    return _NEXT_WAKE.seen(tx)


_NEXT_WAKE = Glance(select(func.min(_BEATS.c.wake_at)).where(_BEATS.c.wake_at.is_not(None)))


def put(tx: Transaction, found: Iterable[Beat]) -> None:
    """Keep these."""
    rows = [asdict(one) for one in found]
    if rows:
        drop(tx, [row["heartbeat"] for row in rows])
        tx.execute(insert(_BEATS), rows)


def drop(tx: Transaction, ids: Iterable[str]) -> None:
    """Forget these."""
    tx.execute(delete(_BEATS).where(_BEATS.c.heartbeat.in_(list(ids))))


def _beat(row: Any) -> Beat:
    return Beat(row.heartbeat, row.heard_at, row.wake_at, row.is_silent)
