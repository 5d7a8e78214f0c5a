"""Who changed what, when, from what to what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from domain.people import Actor
from storage.catalog import table
from storage.store import Transaction
from storage.tables import AuditRow


def record(
    tx: Transaction,
    actor: Actor,
    action: str,
    subject: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    now: datetime,
) -> None:
    """Note a change of configuration."""
    values = {"at": now, "actor": actor.key, "action": action, "subject": subject}
    tx.execute(insert(table(AuditRow)).values(**values, before=before, after=after))


def latest_actor(tx: Transaction, subject: str) -> str:
    """The key of whoever changed `subject` last, "" when nobody is known to have."""
    rows = table(AuditRow)
    found = select(rows.c.actor).where(rows.c.subject == subject).order_by(rows.c.id.desc()).limit(1)
    return tx.execute(found).scalar() or ""


def names(tx: Transaction, actor: str) -> bool:
    """Whether whoever has this key ever changed anything."""
    rows = table(AuditRow)
    return tx.execute(select(rows.c.id).where(rows.c.actor == actor).limit(1)).first() is not None
