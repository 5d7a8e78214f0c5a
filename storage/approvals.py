"""Requests for a second person, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from domain.approvals import Request, RequestState, Wish
from domain.errors import NotFound
from domain.people import Actor
from storage.approval_tables import ApprovalRow
from storage.catalog import table
from storage.glances import Glance
from storage.store import Transaction

_APPROVALS = table(ApprovalRow)
_IS_WAITING = _APPROVALS.c.state == RequestState.WAITING.value


def add(tx: Transaction, request: Request) -> None:
    """Keep a new request."""
    by = request.by
    asker = {"by_key": by.key, "by_name": by.name, "by_person": by.person, "by_slack": by.slack}
    names = ("id", "incident", "run", "order", "note", "asked_at", "expires_at")
    said = {name: getattr(request, name) for name in names}
    tx.execute(insert(_APPROVALS).values(**said, **asker, wish=request.wish.value, **_outcome(request)))


def save(tx: Transaction, requests: Iterable[Request]) -> None:
    """Keep what became of them."""
    for one in requests:
        tx.execute(update(_APPROVALS).where(_APPROVALS.c.id == one.id).values(**_outcome(one)))


def find(tx: Transaction, identity: str) -> Request:
    """One request, held for the rest of the transaction. Raises NotFound."""
    row = tx.execute(select(_APPROVALS).where(_APPROVALS.c.id == identity).with_for_update()).first()
    if row is None:
        raise NotFound("there is no such request")
    return _read(row)


def run_of(tx: Transaction, identity: str) -> str:
    """The run that a request is about: it is held before the request is. Raises NotFound."""
    found = tx.execute(select(_APPROVALS.c.run).where(_APPROVALS.c.id == identity)).scalar()
    if found is None:
        raise NotFound("there is no such request")
    return str(found)


def by_ids(tx: Transaction, ids: Sequence[str]) -> dict[str, Request]:
    """The requests with these ids."""
    rows = tx.execute(select(_APPROVALS).where(_APPROVALS.c.id.in_(ids))) if ids else ()
    return {row.id: _read(row) for row in rows}


def waiting(tx: Transaction, incident: str) -> list[Request]:
    """The requests of an incident that nobody has answered, held, oldest first."""
    wanted = select(_APPROVALS).where(_APPROVALS.c.incident == incident, _IS_WAITING).order_by(_APPROVALS.c.id)
    return [_read(row) for row in tx.execute(wanted.with_for_update())]


def next_wake(tx: Transaction) -> datetime | None:
    """When the first of them expires."""
    return _NEXT_WAKE.seen(tx)


_NEXT_WAKE = Glance(select(func.min(_APPROVALS.c.expires_at)).where(_IS_WAITING))


def expired(tx: Transaction, now: datetime, limit: int) -> list[Request]:
    """Those whose time is over, held."""
    wanted = select(_APPROVALS).where(_IS_WAITING, _APPROVALS.c.expires_at <= now).limit(limit)
    return [_read(row) for row in tx.execute(wanted.with_for_update(skip_locked=True))]


def _outcome(request: Request) -> dict[str, Any]:
    said = {"decided_by": request.decided_by, "decided_at": request.decided_at, "reason": request.reason}
    return said | {"state": request.state.value}


def _read(row: Any) -> Request:
    return Request(
        id=row.id,
        incident=row.incident,
        run=row.run,
        order=row.order,
        wish=Wish(row.wish),
        by=Actor(key=row.by_key, name=row.by_name, person=row.by_person, slack=row.by_slack),
        note=row.note,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        state=RequestState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
    )
