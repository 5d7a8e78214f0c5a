"""`vigie drift`: what was edited by hand since files were loaded, and how files differ from what is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain import drift
from domain.directory import Directory
from domain.drift import Change, Drifted
from domain.errors import Fault, Invalid
from domain.people import TRIAGE
from handlers.catalog import origins as traces
from handlers.catalog.catalog import read, resolve
from handlers.catalog.origins import Declared
from handlers.catalog.sorts import SORTS, after, content
from storage import catalog, origins
from storage.identifiers import new_id
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Compared:
    """Files beside what is there: what is in them alone (`missing`), said otherwise there (subject and how, from the
    file to there), and there alone (`unwritten`); and everything that was edited by hand since it was loaded."""

    edited: tuple[Drifted, ...]
    directory: Directory
    missing: tuple[str, ...] = ()
    different: tuple[tuple[str, tuple[Change, ...]], ...] = ()
    unwritten: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        return not (self.edited or self.missing or self.different or self.unwritten)


class DriftService:
    """Tells, and changes nothing. What was edited is looked up once for each state of the catalog."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._latest: tuple[int, tuple[Drifted, ...]] = (-1, ())

    async def edited(self) -> Compared:
        """Everything that was edited by hand since it was loaded."""

        def work(tx: Transaction) -> Compared:
            directory = catalog.directory(tx)
            return Compared(self.of(tx, directory), directory)

        return await self._store.read(work)

    def of(self, tx: Transaction, directory: Directory) -> tuple[Drifted, ...]:
        """The same, for whoever has a transaction."""
        revision, found = self._latest
        if revision != directory.revision:
            found = traces.drifted(tx, directory, origins.everything(tx))
            self._latest = directory.revision, found
        return found

    async def against(self, files: Sequence[tuple[str, str]]) -> Compared:
        """These `files` (name, text) beside what is there. Raises Invalid with every fault of all of them."""
        found: list[Fault] = []
        drafts = read(files, found)

        def work(tx: Transaction) -> Compared:
            directory, said = catalog.directory(tx), origins.everything(tx)
            made = resolve(drafts, traces.as_files_call(directory, drafts, said), new_id)
            if found:
                raise Invalid(sorted(found, key=lambda fault: (fault.file, fault.line)))
            things = list(traces.declared(drafts, made, directory))
            declared = {one.value.id for one in things}
            # What was removed by hand is there under its old id no more, and is in the files all the same.
            names = {(one.sort.kind, one.name.casefold()) for one in things}
            edited = tuple(
                one
                for one in self.of(tx, directory)
                if one.origin and (one.origin.thing in declared or (one.kind, one.origin.name.casefold()) in names)
            )
            return Compared(
                edited,
                directory,
                missing=tuple(f"{one.sort.kind} {one.name}" for one in things if one.before is None),
                different=tuple(_different(things, directory, after(directory, made))),
                unwritten=tuple(_unwritten(declared, directory)),
            )

        return await self._store.read(work)


def _different(
    things: Sequence[Declared], before: Directory, now: Directory
) -> Iterator[tuple[str, tuple[Change, ...]]]:
    for one in things:
        if one.before is not None and content(one.before) != content(one.value):
            is_there, is_said = one.sort.document(one.before, before), one.sort.document(one.value, now)
            yield f"{one.sort.kind} {one.sort.name(one.before)}", drift.changes(is_said, is_there)


def _unwritten(declared: set[str], directory: Directory) -> Iterator[str]:
    """What is there and in none of the files, but for the service that Vigie makes by itself."""
    for sort in SORTS:
        for thing, value in sort.known(directory).items():
            if thing not in declared and not (sort.kind == "service" and value.name == TRIAGE):
                yield f"{sort.kind} {sort.name(value)}"
