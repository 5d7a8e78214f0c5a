"""What runs say about runbooks; looked up when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.directory import Directory
from domain.evidence import Evidence
from domain.runbooks import Runbook
from handlers.editing.service import in_catalog
from storage import catalog, evidence
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Seen:
    """A runbook with what its runs say."""

    runbook: Runbook
    evidence: Evidence


class EvidenceService:
    """Reads; changes nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, runbook: str) -> Seen:
        """What the runs of a runbook (an id) say. Raises NotFound."""

        def work(tx: Transaction) -> Seen:
            book = in_catalog(catalog.directory(tx).runbooks, runbook, "runbook")
            return Seen(book, evidence.of_runbook(tx, book))

        return await self._store.browse(work)

    async def each(self) -> Mapping[str, Evidence]:
        """What runs say about every runbook, by its id."""

        def work(tx: Transaction) -> Mapping[str, Evidence]:
            used = evidence.runs_of_each(tx)
            books = catalog.directory(tx).runbooks
            return {one: evidence.of_runbook(tx, book) for one, book in books.items() if one in used}

        return await self._store.browse(work)

    async def runs(self) -> tuple[Directory, Mapping[str, int]]:
        """How often each runbook was used, by its id."""
        return await self._store.browse(lambda tx: (catalog.directory(tx), evidence.runs_of_each(tx)))
