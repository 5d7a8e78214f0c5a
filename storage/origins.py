"""What files said when they were loaded, so that an edit by hand is seen before it is overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from domain.drift import Origin
from storage import bulk
from storage.audit_tables import AuditRow
from storage.catalog import table
from storage.origin_tables import OriginRow
from storage.store import Transaction

_ORIGINS, _AUDIT = table(OriginRow), table(AuditRow)
_AT_ONCE = 500


def everything(tx: Transaction) -> dict[str, Origin]:
    """Every origin by its thing's id."""
    return {row.thing: _origin(row) for row in tx.execute(select(_ORIGINS).order_by(_ORIGINS.c.kind, _ORIGINS.c.name))}


def put(tx: Transaction, origins: Sequence[Origin]) -> None:
    """Keep what files say now, in the place of what they said before."""
    drop(tx, [one.thing for one in origins])
    bulk.insert_many(tx, _ORIGINS, [_values(one) for one in origins])


def drop(tx: Transaction, things: Iterable[str]) -> None:
    """No file says these any more."""
    for some in _batches(things):
        tx.execute(delete(_ORIGINS).where(_ORIGINS.c.thing.in_(some)))


def last_edits(tx: Transaction, subjects: Iterable[str]) -> dict[str, tuple[str, str, datetime]]:
    """What was last done to each subject that the audit log knows: the action, who did it (a key), and when."""
    found: dict[str, tuple[str, str, datetime]] = {}
    for some in _batches(subjects):
        of_these = select(func.max(_AUDIT.c.id)).where(_AUDIT.c.subject.in_(some)).group_by(_AUDIT.c.subject)
        for row in tx.execute(select(_AUDIT).where(_AUDIT.c.id.in_(of_these))):
            found[row.subject] = row.action, row.actor, row.at
    return found


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    """As many at once as any database takes."""
    every = list(names)
    return (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE))


def _origin(row: Any) -> Origin:
    said = {name: getattr(row, name) for name in ("thing", "kind", "name", "file", "content", "document")}
    return Origin(**said, at=row.loaded_at, by=row.loaded_by)


def _values(one: Origin) -> dict[str, Any]:
    said = {name: getattr(one, name) for name in ("thing", "kind", "name", "file", "content", "document")}
    return said | {"loaded_at": one.at, "loaded_by": one.by}
