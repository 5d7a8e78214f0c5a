"""YAML that somebody is about to import: a modal that was closed by mistake loses nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from storage.catalog import table
from storage.drafts import KEPT
from storage.runbook_tables import ImportRow
from storage.store import Transaction
from storage.upserts import put_row

_IMPORTS = table(ImportRow)


def find(tx: Transaction, author: str) -> tuple[str, str]:
    """The YAML that `author` is about to import, and where it came from; "" and "" for none."""
    row = tx.execute(select(_IMPORTS).where(_IMPORTS.c.author == author)).first()
    return (row.file, row.text) if row else ("", "")


def put(tx: Transaction, author: str, file: str, text: str, now: datetime) -> None:
    """Keep what `author` is about to import, in the stead of what they were before."""
    tx.execute(delete(_IMPORTS).where(_IMPORTS.c.changed_at < now - KEPT))
    put_row(tx, _IMPORTS, {"author": author, "file": file, "text": text, "changed_at": now})


def drop(tx: Transaction, author: str) -> None:
    """It is imported."""
    tx.execute(delete(_IMPORTS).where(_IMPORTS.c.author == author))
