"""Who changed what, when, from what to what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert

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
