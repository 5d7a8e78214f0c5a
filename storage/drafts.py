"""Policies and runbooks that somebody is writing: a modal that was closed by mistake loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic

from sqlalchemy import and_, delete, select
from sqlmodel import SQLModel

from domain.drafts import Document, Draft
from storage import rows
from storage.catalog import table
from storage.policy_tables import DraftRow
from storage.runbook_tables import RunbookDraftRow
from storage.store import Transaction
from storage.upserts import put_row

KEPT = timedelta(days=30)
Builds = Callable[[str, str, int, dict[str, Any]], Document]
"""A document of its id, its version's id, the version's number and what is kept of it."""


class Drafts(Generic[Document]):
    """Of one kind of document: by author and document, "" for a new one."""

    def __init__(
        self,
        model: type[SQLModel],
        owner: str,
        builds: Builds[Document],
        content: Callable[[Document], dict[str, Any]],
    ) -> None:
        """`owner` is the column that names the document."""
        self._table = table(model)
        self._owner = owner
        self._builds: Builds[Document] = builds
        self._content: Callable[[Document], dict[str, Any]] = content

    def find(self, tx: Transaction, author: str, key: str) -> Draft[Document] | None:
        """What `author` has written of a document."""
        row = tx.execute(select(self._table).where(self._of(author, key))).first()
        return Draft(author, self._builds(key, row.base, 0, row.content), row.edition) if row else None

    def put(self, tx: Transaction, draft: Draft[Document], now: datetime) -> None:
        """Keep `draft`; those that nobody has touched for a month go."""
        tx.execute(delete(self._table).where(self._table.c.changed_at < now - KEPT))
        base = draft.document.version_id
        whose = {"author": draft.author, self._owner: draft.key, "base": base, "edition": draft.edition}
        put_row(tx, self._table, whose | {"changed_at": now, "content": self._content(draft.document)})

    def drop(self, tx: Transaction, author: str, key: str) -> None:
        """It is saved, or begun anew."""
        tx.execute(delete(self._table).where(self._of(author, key)))

    def _of(self, author: str, key: str) -> Any:
        return and_(self._table.c.author == author, self._table.c[self._owner] == key)


POLICIES = Drafts(DraftRow, "policy", rows.policy, rows.policy_content)
RUNBOOKS = Drafts(RunbookDraftRow, "runbook", rows.runbook, rows.runbook_content)
