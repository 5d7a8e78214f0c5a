"""Runbooks that somebody is writing and has not saved, and YAML that somebody is about to import: a modal that was
closed by mistake loses nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from domain.runbook_drafts import RunbookWriting
from storage import rows
from storage.catalog import table
from storage.drafts import KEPT
from storage.runbook_tables import ImportRow, RunbookDraftRow
from storage.store import Transaction
from storage.upserts import put_row

_DRAFTS = table(RunbookDraftRow)
_IMPORTS = table(ImportRow)


def find(tx: Transaction, author: str, runbook: str) -> RunbookWriting | None:
    """What `author` has written of a runbook, "" for a new one."""
    row = tx.execute(select(_DRAFTS).where(_DRAFTS.c.author == author, _DRAFTS.c.runbook == runbook)).first()
    return RunbookWriting(author, rows.runbook(runbook, row.base, 0, row.content), row.edition) if row else None


def put(tx: Transaction, draft: RunbookWriting, now: datetime) -> None:
    """Keep `draft`; those that nobody has touched for a month go."""
    tx.execute(delete(_DRAFTS).where(_DRAFTS.c.changed_at < now - KEPT))
    values = {"author": draft.author, "runbook": draft.key, "base": draft.runbook.version_id, "edition": draft.edition}
    put_row(tx, _DRAFTS, values | {"changed_at": now, "content": rows.runbook_content(draft.runbook)})


def drop(tx: Transaction, author: str, runbook: str) -> None:
    """It is saved, or begun anew."""
    tx.execute(delete(_DRAFTS).where(_DRAFTS.c.author == author, _DRAFTS.c.runbook == runbook))


def find_import(tx: Transaction, author: str) -> tuple[str, str]:
    """The YAML that `author` is about to import, and where it came from; "" and "" for none."""
    row = tx.execute(select(_IMPORTS).where(_IMPORTS.c.author == author)).first()
    return (row.file, row.text) if row else ("", "")


def put_import(tx: Transaction, author: str, file: str, text: str, now: datetime) -> None:
    """Keep what `author` is about to import, in the stead of what they were before."""
    tx.execute(delete(_IMPORTS).where(_IMPORTS.c.changed_at < now - KEPT))
    put_row(tx, _IMPORTS, {"author": author, "file": file, "text": text, "changed_at": now})


def drop_import(tx: Transaction, author: str) -> None:
    """It is imported."""
    tx.execute(delete(_IMPORTS).where(_IMPORTS.c.author == author))
