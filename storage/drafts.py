"""Policies that somebody is writing and has not saved: a modal that was closed by mistake loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from domain.drafts import Draft
from storage import rows
from storage.catalog import table
from storage.policy_tables import DraftRow
from storage.store import Transaction
from storage.upserts import put_row

_DRAFTS = table(DraftRow)
KEPT = timedelta(days=30)


def find(tx: Transaction, author: str, policy: str) -> Draft | None:
    """What `author` has written of a policy, "" for a new one."""
    row = tx.execute(select(_DRAFTS).where(_DRAFTS.c.author == author, _DRAFTS.c.policy == policy)).first()
    return Draft(author, rows.policy(policy, row.base, 0, row.content), row.edition) if row else None


def put(tx: Transaction, draft: Draft, now: datetime) -> None:
    """Keep `draft`; those that nobody has touched for a month go."""
    tx.execute(delete(_DRAFTS).where(_DRAFTS.c.changed_at < now - KEPT))
    values = {"author": draft.author, "policy": draft.key, "base": draft.policy.version_id, "edition": draft.edition}
    put_row(tx, _DRAFTS, values | {"changed_at": now, "content": rows.policy_content(draft.policy)})


def drop(tx: Transaction, author: str, policy: str) -> None:
    """It is saved, or begun anew."""
    tx.execute(delete(_DRAFTS).where(_DRAFTS.c.author == author, _DRAFTS.c.policy == policy))
