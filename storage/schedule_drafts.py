"""Schedules that somebody is changing and has not saved: a modal that was closed by mistake loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from domain.schedule_drafts import ScheduleDraft
from storage import rows
from storage.catalog import table
from storage.schedule_tables import ScheduleDraftRow
from storage.store import Transaction
from storage.upserts import put_row

_DRAFTS = table(ScheduleDraftRow)
KEPT = timedelta(days=30)


def find(tx: Transaction, author: str, team: str) -> ScheduleDraft | None:
    """What `author` has written of a team's schedule."""
    row = tx.execute(select(_DRAFTS).where(_DRAFTS.c.author == author, _DRAFTS.c.team == team)).first()
    if row is None:
        return None
    return ScheduleDraft(author, team, rows.on_call(row.base), rows.on_call(row.content), row.edition)


def put(tx: Transaction, draft: ScheduleDraft, now: datetime) -> None:
    """Keep `draft`; those that nobody has touched for a month go."""
    tx.execute(delete(_DRAFTS).where(_DRAFTS.c.changed_at < now - KEPT))
    values = {"author": draft.author, "team": draft.team, "edition": draft.edition, "changed_at": now}
    said = {"base": rows.on_call_content(draft.base), "content": rows.on_call_content(draft.on_call)}
    put_row(tx, _DRAFTS, values | said)


def drop(tx: Transaction, author: str, team: str) -> None:
    """It is saved, or begun anew."""
    tx.execute(delete(_DRAFTS).where(_DRAFTS.c.author == author, _DRAFTS.c.team == team))
