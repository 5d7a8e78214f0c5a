"""What was overlooked, kept for whoever looks after Vigie; and whose turn it is to look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from domain.oversights import Lapse, Oversight
from storage.catalog import table
from storage.incident_tables import IncidentRow
from storage.oversight_tables import Inspected, InspectionRow, OversightRow
from storage.store import Transaction, serialise

_OVERSIGHTS = table(OversightRow)
_INSPECTIONS = table(InspectionRow)
_INCIDENTS = table(IncidentRow)
KEPT = timedelta(days=30)
SHOWN = 20


def take_turn(tx: Transaction, now: datetime, every: timedelta) -> bool:
    """Whether nobody has looked for so long; then nobody else does. Of many processes one looks. A look that is yet to
    come is of a clock that was set back since."""
    last = last_look(tx)
    if last is None:
        tx.execute(insert(_INSPECTIONS).values(id=Inspected.OVERLOOKED.value, at=now))
        return True
    if -every < now - last < every:
        return False
    looked(tx, now)
    return True


def last_look(tx: Transaction) -> datetime | None:
    """When somebody last looked; nobody else does until the transaction ends."""
    serialise(tx, "inspection")
    return looked_at(tx)


def looked_at(tx: Transaction) -> datetime | None:
    """When somebody last looked."""
    return tx.execute(select(_INSPECTIONS.c.at).where(_INSPECTIONS.c.id == Inspected.OVERLOOKED.value)).scalar()


def looked(tx: Transaction, now: datetime) -> None:
    """Somebody looks now."""
    tx.execute(update(_INSPECTIONS).where(_INSPECTIONS.c.id == Inspected.OVERLOOKED.value).values(at=now))


def alive(tx: Transaction, now: datetime) -> timedelta:
    """Keep that something can be written now; how long ago that was kept last, by whichever process."""
    serialise(tx, "alive")
    alive = _INSPECTIONS.c.id == Inspected.ALIVE.value
    last: datetime | None = tx.execute(select(_INSPECTIONS.c.at).where(alive)).scalar()
    if last is None:
        tx.execute(insert(_INSPECTIONS).values(id=Inspected.ALIVE.value, at=now))
        return now - (looked_at(tx) or now)
    tx.execute(update(_INSPECTIONS).where(alive).values(at=now))
    return now - last


def probe(tx: Transaction) -> None:
    """Write what is written already, to know whether that can be done."""
    tx.execute(update(_INSPECTIONS).where(_INSPECTIONS.c.id == Inspected.OVERLOOKED.value).values(at=_INSPECTIONS.c.at))


def keep(tx: Transaction, found: Sequence[Oversight], now: datetime) -> list[Oversight]:
    """Keep what a look has found; what it has not found again is over. Answers those that are new."""
    before = {one.key: one for one in standing(tx)}
    keys = {one.key for one in found}
    for key in before.keys() - keys:
        _change(tx, *key, over_at=now)
    fresh = [one for one in found if one.key not in before]
    for one in fresh:
        tx.execute(delete(_OVERSIGHTS).where(*_is(*one.key)))
    if fresh:
        tx.execute(insert(_OVERSIGHTS), [_values(one, now) for one in fresh])
    for one in found:
        if one.key in before and one.is_mended != before[one.key].is_mended:
            _change(tx, *one.key, is_mended=one.is_mended)
    tx.execute(delete(_OVERSIGHTS).where(_OVERSIGHTS.c.found_at < now - KEPT, _OVERSIGHTS.c.over_at.is_not(None)))
    return fresh


def standing(tx: Transaction) -> list[Oversight]:
    """Those that the last look has found."""
    return _listed(tx, _OVERSIGHTS.c.over_at.is_(None))


def since(tx: Transaction, moment: datetime) -> list[Oversight]:
    """Those found since a moment, and those that stand; latest first."""
    return _listed(tx, or_(_OVERSIGHTS.c.over_at.is_(None), _OVERSIGHTS.c.found_at >= moment))[:SHOWN]


def _listed(tx: Transaction, wanted: Any) -> list[Oversight]:
    joined = _OVERSIGHTS.outerjoin(_INCIDENTS, _INCIDENTS.c.id == _OVERSIGHTS.c.incident)
    found = (
        select(_OVERSIGHTS, _INCIDENTS.c.short_id)
        .select_from(joined)
        .where(wanted, _OVERSIGHTS.c.lapse.in_(list(Lapse)))
    )
    return [_oversight(row) for row in tx.execute(found.order_by(_OVERSIGHTS.c.found_at.desc()).limit(500))]


def _is(lapse: Lapse, subject: str) -> tuple[Any, Any]:
    return _OVERSIGHTS.c.lapse == lapse.value, _OVERSIGHTS.c.subject == subject


def _change(tx: Transaction, lapse: Lapse, subject: str, **values: Any) -> None:
    tx.execute(update(_OVERSIGHTS).where(*_is(lapse, subject)).values(**values))


def _values(one: Oversight, now: datetime) -> dict[str, Any]:
    said = {"lapse": one.lapse.value, "subject": one.subject, "incident": one.incident, "since": one.since}
    return said | {"found_at": now, "over_at": None, "is_mended": one.is_mended}


def _oversight(row: Any) -> Oversight:
    return Oversight(
        Lapse(row.lapse),
        row.subject,
        row.since,
        incident=row.incident,
        short_id=row.short_id or "",
        is_mended=row.is_mended,
        found_at=row.found_at,
        over_at=row.over_at,
    )
