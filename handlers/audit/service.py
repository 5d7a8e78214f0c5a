"""Who changed what, when, from what to what: read, and never written from outside."""

from __future__ import annotations

from storage import audit
from storage.audit import Change, Query
from storage.store import Store


class AuditService:
    """Reads the log."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def found(self, query: Query) -> tuple[int, list[Change]]:
        """How many changes there are, and a page of them."""
        return await self._store.browse(lambda tx: audit.found(tx, query))


__all__ = ["AuditService", "Change", "Query"]
