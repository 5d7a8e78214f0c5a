"""E-mails to stakeholders: queued with what they tell of, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from domain.updates import Letter, LetterState, Occasion
from storage.catalog import table
from storage.outbox import Kind, Parcel, put
from storage.parcels import LETTERS
from storage.prepared import prepared
from storage.store import Transaction
from storage.update_tables import LetterRow

_LETTERS = table(LetterRow)


def add(tx: Transaction, made: Sequence[Letter], now: datetime) -> None:
    """Keep new letters."""
    if made:
        tx.execute(insert(_LETTERS), [_values(one, now) for one in made])


def queue(tx: Transaction, made: Sequence[Letter], now: datetime) -> None:
    """Let these leave, each by itself."""
    put(tx, [Parcel(kind=Kind.LETTER, incident=one.incident, subject=one.id, due_at=now, lane=LETTERS) for one in made])


def waiting(tx: Transaction, bundle: str) -> list[Letter]:
    """The letters in a mail for many incidents that has not gone out, oldest first."""
    return [_read(row) for row in tx.execute(_WAITING, {"of": bundle})]


_IS_WAITING = _LETTERS.c.state == LetterState.WAITING.value
_WAITING = prepared(select(_LETTERS).where(_LETTERS.c.bundle == bindparam("of"), _IS_WAITING).order_by(_LETTERS.c.id))


def held(tx: Transaction) -> dict[str, int]:
    """How many letters wait in each mail that gathers."""
    counted = select(_LETTERS.c.bundle, func.count()).where(_LETTERS.c.bundle != "", _IS_WAITING)
    return {str(row[0]): int(row[1]) for row in tx.execute(counted.group_by(_LETTERS.c.bundle))}


def of_incident(tx: Transaction, incident: str) -> list[Letter]:
    """Every letter about an incident, oldest first."""
    found = select(_LETTERS).where(_LETTERS.c.incident == incident).order_by(_LETTERS.c.id)
    return [_read(row) for row in tx.execute(found)]


def find(tx: Transaction, identity: str) -> Letter | None:
    row = tx.execute(_ONE, {"of": identity}).first()
    return _read(row) if row else None


_ONE = prepared(select(_LETTERS).where(_LETTERS.c.id == bindparam("of")))


def settle(tx: Transaction, identity: str, state: LetterState, reason: str) -> None:
    """What became of a letter."""
    tx.execute(update(_LETTERS).where(_LETTERS.c.id == identity).values(state=state.value, reason=reason))


def _values(one: Letter, now: datetime) -> dict[str, Any]:
    said = {name: getattr(one, name) for name in ("id", "incident", "address", "entry", "reason", "bundle")}
    return said | {"occasion": one.occasion.value, "state": one.state.value, "made_at": now}


def _read(row: Any) -> Letter:
    return Letter(
        id=row.id,
        incident=row.incident,
        address=row.address,
        occasion=Occasion(row.occasion),
        entry=row.entry,
        state=LetterState(row.state),
        reason=row.reason,
        bundle=row.bundle,
    )
