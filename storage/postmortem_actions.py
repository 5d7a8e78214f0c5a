"""What people promised in post-mortems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from domain.errors import NotFound
from domain.postmortems import Action
from storage.catalog import table
from storage.glances import Glance
from storage.postmortem_tables import PostmortemActionRow
from storage.store import Transaction

_ACTIONS = table(PostmortemActionRow)


def add(tx: Transaction, one: Action) -> None:
    tx.execute(insert(_ACTIONS).values(_values(one)))


def save(tx: Transaction, one: Action) -> None:
    """Keep an action as it is now."""
    tx.execute(update(_ACTIONS).where(_ACTIONS.c.id == one.id).values(_values(one)))


def remove(tx: Transaction, identity: str) -> None:
    tx.execute(delete(_ACTIONS).where(_ACTIONS.c.id == identity))


def look_up(tx: Transaction, identity: str) -> Action | None:
    """One action, held by nobody."""
    row = tx.execute(select(_ACTIONS).where(_ACTIONS.c.id == identity)).first()
    return _action(row) if row else None


def find(tx: Transaction, identity: str) -> Action:
    """One action, held for the rest of the transaction. Raises NotFound."""
    row = tx.execute(select(_ACTIONS).where(_ACTIONS.c.id == identity).with_for_update()).first()
    if row is None:
        raise NotFound("this action is gone")
    return _action(row)


def of_incident(tx: Transaction, incident: str) -> tuple[Action, ...]:
    """An incident's, in the order in which they were made."""
    wanted = select(_ACTIONS).where(_ACTIONS.c.incident == incident).order_by(_ACTIONS.c.id)
    return tuple(_action(row) for row in tx.execute(wanted))


def owed(tx: Transaction, person: str, limit: int) -> list[Action]:
    """What somebody has to do still, the most urgent first."""
    if not person:
        return []
    wanted = select(_ACTIONS).where(_ACTIONS.c.owner == person, _ACTIONS.c.done_at.is_(None))
    return [_action(row) for row in tx.execute(wanted.order_by(_ACTIONS.c.due_on, _ACTIONS.c.id).limit(limit))]


def names(tx: Transaction, person: str) -> bool:
    """Whether somebody ever promised anything."""
    return tx.execute(select(_ACTIONS.c.id).where(_ACTIONS.c.owner == person).limit(1)).first() is not None


def due(tx: Transaction, now: datetime, limit: int) -> list[Action]:
    """Those whose owners are to be reminded, held; those that another process holds are left to it."""
    found = select(_ACTIONS).where(_ACTIONS.c.wake_at <= now).order_by(_ACTIONS.c.wake_at).limit(limit)
    return [_action(row) for row in tx.execute(found.with_for_update(skip_locked=True))]


def next_wake(tx: Transaction) -> datetime | None:
    """When somebody is to be reminded next."""
    return _NEXT_WAKE.seen(tx)


_NEXT_WAKE = Glance(select(func.min(_ACTIONS.c.wake_at)).where(_ACTIONS.c.wake_at.is_not(None)))


def _values(one: Action) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in Action.__dataclass_fields__}
    return values | {"due_on": one.due_on.isoformat()}


def _action(row: Any) -> Action:
    values = {name: getattr(row, name) for name in Action.__dataclass_fields__}
    return Action(**values | {"due_on": date.fromisoformat(row.due_on)})
