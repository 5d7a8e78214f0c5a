"""Drills: which incidents are one, and how they are played."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from domain.drills import Drill
from domain.errors import NotFound
from storage.catalog import table
from storage.drill_tables import DrillRow
from storage.prepared import among, prepared
from storage.store import Transaction

_DRILLS = table(DrillRow)


def add(tx: Transaction, drill: Drill) -> None:
    """Keep a new drill; its incident is there."""
    tx.execute(
        insert(_DRILLS).values(
            incident=drill.incident,
            speed=drill.speed,
            participants=list(drill.participants),
            channel=drill.channel,
            started_by=drill.started_by,
            started_at=drill.started_at,
            ended_at=drill.ended_at,
        )
    )


def by_incidents(tx: Transaction, incidents: Iterable[str]) -> dict[str, Drill]:
    """The drills among these incidents."""
    ids = list(incidents)
    return {row.incident: _drill(row) for row in tx.execute(_BY_INCIDENTS, {"ids": ids})} if ids else {}


_BY_INCIDENTS = prepared(select(_DRILLS).where(among(_DRILLS.c.incident, "ids")))


def find(tx: Transaction, incident: str) -> Drill:
    """The drill that an incident (its id) is. Raises NotFound."""
    found = by_incidents(tx, [incident]).get(incident)
    if found is None:
        raise NotFound("this incident is no drill")
    return found


def listed(tx: Transaction, offset: int, limit: int) -> tuple[int, list[Drill]]:
    """How many drills there are, and a page of them, the latest first."""
    count = tx.execute(select(func.count()).select_from(_DRILLS)).scalar_one()
    page = select(_DRILLS).order_by(_DRILLS.c.started_at.desc(), _DRILLS.c.incident).offset(offset).limit(limit)
    return int(count), [_drill(row) for row in tx.execute(page)]


def end(tx: Transaction, incident: str, now: datetime) -> None:
    """A drill is over."""
    tx.execute(update(_DRILLS).where(_DRILLS.c.incident == incident, _DRILLS.c.ended_at.is_(None)).values(ended_at=now))


def _drill(row: Any) -> Drill:
    return Drill(
        incident=row.incident,
        speed=row.speed,
        participants=tuple(row.participants),
        channel=row.channel,
        started_by=row.started_by,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
