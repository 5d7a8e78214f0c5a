"""What people write in versions, policies and runbooks alike: drafts that only their author sees, saved as a new
version, switched off, looked back at, restored. Versions are kept for ever."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from domain import drafts as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.drafts import Document, Draft, Version
from domain.errors import Conflict, Fault, Invalid, NotFound, Outdated
from domain.people import Actor, Permission
from handlers.catalog.sorts import content
from handlers.incidents.service import permit
from storage import audit, catalog, homes
from storage.drafts import Drafts
from storage.store import Store, Transaction, serialise

HISTORY_SHOWN = 20
Editing = TypeVar("Editing")


class Header(Protocol):
    """What stands above the steps of a form."""

    def said(self) -> dict[str, Any]:
        """As the fields of the document."""


@dataclass(frozen=True, slots=True)
class Saved(Generic[Document]):
    """A document as it is now. `kept` says how many of what began with it go on with which older version."""

    document: Document
    kept: dict[int, int]
    is_changed: bool


class Editor(ABC, Generic[Document, Editing]):
    """Write, save, switch off, look back, restore. `wake` is called after a change that others see."""

    word: ClassVar[str]
    permission: ClassVar[Permission]
    drafts: Drafts[Document]

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    @abstractmethod
    def known(self, directory: Directory) -> Mapping[str, Document]:
        """The documents as they are, by id."""

    @abstractmethod
    def begun(self, current: Document | None) -> Document:
        """What a draft begins with: `current`, or nothing yet."""

    @abstractmethod
    def said(self, tx: Transaction, version_id: str) -> Document:
        """What the version said that a draft began from."""

    @abstractmethod
    def named(self, document: Document) -> str:
        """What its readers call it."""

    @abstractmethod
    def faults(self, document: Document, directory: Directory) -> list[Fault]:
        """Why it can't be saved as it is, field by field."""

    @abstractmethod
    def editing(
        self,
        tx: Transaction,
        draft: Draft[Document],
        directory: Directory,
        *,
        is_resumed: bool = False,
        overtaken: str = "",
    ) -> Editing:
        """A draft as its form shows it; `is_resumed` when it was begun another time. `overtaken` says who was faster
        than its author, who is asked whose words it goes on with."""

    @abstractmethod
    def put(self, tx: Transaction, document: Document, by: str) -> Document:
        """Keep `document` as its next version."""

    @abstractmethod
    def going_on(self, tx: Transaction, key: str) -> Mapping[int, int]:
        """How many go on with which version."""

    @abstractmethod
    def versions(self, tx: Transaction, key: str, limit: int) -> list[Version[Document]]:
        """Newest first."""

    @abstractmethod
    def version(self, tx: Transaction, key: str, number: int) -> Version[Document] | None:
        """One of them."""

    async def show(self, key: str) -> tuple[Document, Directory]:
        """A document as it is. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Document, Directory]:
            directory = catalog.directory(tx)
            return self.current(directory, key), directory

        return await self._store.read(work)

    async def begin(self, key: str, actor: Actor, *, afresh: bool = False, mine: bool = False) -> Editing:
        """The draft of a document ("" for a new one): the author's own, unless they begin `afresh`. What they wrote in
        one that is older than the document goes on when they want `mine`. Raises Forbidden, NotFound."""
        permit(actor, self.permission)

        def work(tx: Transaction) -> Editing:
            directory, now = catalog.directory(tx), self._clock.now()
            current = self.begun(self.current(directory, key) if key else None)
            before = self.drafts.find(tx, actor.key, key)
            if before and not afresh and before.document.version_id == current.version_id:
                is_changed = bool(rules.differences(current, before.document))
                return self.editing(tx, before, directory, is_resumed=is_changed)
            if before and mine:
                going_on = rules.onto(before, current)
                self.drafts.put(tx, going_on, now)
                return self.editing(tx, going_on, directory, is_resumed=True)
            if before and not afresh and self._is_written(tx, before):
                return self.editing(tx, before, directory, overtaken=self._meanwhile(tx, current))
            draft = Draft(actor.key, current, before.edition + 1 if before else 1)
            self.drafts.put(tx, draft, now)
            return self.editing(tx, draft, directory)

        return await self._store.write(work)

    async def keep(self, key: str, actor: Actor, header: Header) -> Editing:
        """What is typed above the steps. Raises Forbidden, Conflict when the draft is gone."""
        return await self.change(key, actor, lambda draft, _: _headed(draft, header))

    async def move(self, key: str, actor: Actor, header: Header, position: int, by: int, seen: str = "") -> Editing:
        """A step one place up (-1) or down (1); `seen` marks the one that is meant. Raises Forbidden, Conflict."""
        return await self.change(key, actor, lambda draft, _: rules.moved(_headed(draft, header), position, by, seen))

    async def remove(self, key: str, actor: Actor, header: Header, position: int, seen: str = "") -> Editing:
        """Without a step; `seen` marks the one that is meant. Raises Forbidden, Conflict."""
        return await self.change(key, actor, lambda draft, _: rules.without(_headed(draft, header), position, seen))

    async def save(self, key: str, actor: Actor, header: Header) -> Saved[Document]:
        """The draft as a new version. Raises Invalid by field, Outdated when somebody was faster, Forbidden."""
        permit(actor, self.permission)

        def work(tx: Transaction) -> Saved[Document] | Outdated:
            serialise(tx, "catalog")
            draft, directory = _headed(self.draft_of(tx, key, actor), header), catalog.directory(tx)
            current = self.current(directory, key) if key else None
            if current and current.version_id != draft.document.version_id:
                self.drafts.put(tx, draft, self._clock.now())
                return Outdated(self._meanwhile(tx, current))
            self.require(draft.document, directory)
            saved = self._write(tx, actor, "save", current, draft.document)
            self.drafts.drop(tx, actor.key, key)
            return saved

        return await self._saved(work)

    async def switch(self, key: str, actor: Actor, *, is_active: bool) -> Saved[Document]:
        """A document on or off. Raises NotFound, Forbidden, Invalid when it can't be used as it is."""
        permit(actor, self.permission)

        def work(tx: Transaction) -> Saved[Document]:
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            current = self.current(directory, key)
            if is_active:
                self.require_usable(current, directory)
            action = "activate" if is_active else "deactivate"
            return self._write(tx, actor, action, current, replace(current, is_active=is_active))

        return await self._saved(work)

    async def history(self, key: str) -> tuple[list[Version[Document]], Directory]:
        """The latest versions, newest first, one more than is shown. Raises NotFound."""

        def work(tx: Transaction) -> tuple[list[Version[Document]], Directory]:
            directory = catalog.directory(tx)
            self.current(directory, key)
            return self.versions(tx, key, HISTORY_SHOWN + 1), directory

        return await self._store.read(work)

    async def restore(self, key: str, number: int, actor: Actor) -> Saved[Document]:
        """An older version, said again as a new one. Raises NotFound, Forbidden, Invalid when it no longer fits."""
        permit(actor, self.permission)

        def work(tx: Transaction) -> Saved[Document]:
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            current, old = self.current(directory, key), self.version(tx, key, number)
            if old is None:
                raise NotFound(f"there is no version {number}")
            self.require(old.said, directory)
            return self._write(tx, actor, "restore", current, old.said)

        return await self._saved(work)

    async def change(
        self, key: str, actor: Actor, change: Callable[[Draft[Document], Directory], Draft[Document]]
    ) -> Editing:
        """A draft as `change` leaves it. Raises Forbidden, Conflict when it is gone."""
        permit(actor, self.permission)

        def work(tx: Transaction) -> Editing:
            directory = catalog.directory(tx)
            draft = change(self.draft_of(tx, key, actor), directory)
            self.drafts.put(tx, draft, self._clock.now())
            return self.editing(tx, draft, directory)

        return await self._store.write(work)

    def current(self, directory: Directory, key: str) -> Document:
        """The document with this id. Raises NotFound."""
        return in_catalog(self.known(directory), key, self.word)

    def draft_of(self, tx: Transaction, key: str, actor: Actor) -> Draft[Document]:
        """What `actor` has written. Raises Conflict when it is gone."""
        return written(tx, self.drafts, key, actor, self.word)

    async def _saved(self, work: Callable[[Transaction], Saved[Document] | Outdated]) -> Saved[Document]:
        saved = await self._store.write(work)
        if isinstance(saved, Outdated):
            # Raised after the transaction: what was typed must stay kept.
            raise saved
        self._wake()
        return saved

    def _write(
        self, tx: Transaction, actor: Actor, action: str, before: Document | None, after: Document
    ) -> Saved[Document]:
        """`after` in the catalog and in the audit log. What says nothing new makes no version."""
        if before and not rules.differences(before, after):
            return Saved(before, {}, is_changed=False)
        now = self._clock.now()
        made = self.put(tx, after, actor.name)
        subject, told = f"{self.word} {self.named(made)}", content(before) if before else None
        audit.record(tx, actor, f"{self.word}.{action}", subject, told, content(made), now)
        catalog.touch(tx)
        kept = {number: count for number, count in self.going_on(tx, made.id).items() if number < made.version}
        homes.refresh(tx, now)
        return Saved(made, kept, is_changed=True)

    def require_usable(self, document: Document, directory: Directory) -> None:
        """Raises Invalid when it can't be switched on as it is."""

    def require(self, document: Document, directory: Directory) -> None:
        """Raises Invalid with every field that is wrong: what is saved can be used."""
        found = self.faults(document, directory)
        if found:
            raise Invalid(found)

    def _is_written(self, tx: Transaction, draft: Draft[Document]) -> bool:
        """Whether its author has changed anything in it."""
        base = self.begun(self.said(tx, draft.document.version_id))
        return bool(rules.differences(base, draft.document))

    def _meanwhile(self, tx: Transaction, current: Document) -> str:
        latest = self.version(tx, current.id, current.version)
        by = (latest.by if latest else "") or "somebody"
        return f"{by} changed this {self.word} meanwhile: it is v{current.version} now"


def _headed(draft: Draft[Document], header: Header) -> Draft[Document]:
    return replace(draft, document=replace(draft.document, **header.said()))


def in_catalog(documents: Mapping[str, Document], key: str, word: str) -> Document:
    """The document with this id, which `word` names. Raises NotFound."""
    found = documents.get(key)
    if found is None:
        raise NotFound(f"there is no such {word} any more")
    return found


def written(tx: Transaction, drafts: Drafts[Document], key: str, actor: Actor, word: str) -> Draft[Document]:
    """What `actor` has written of a document. Raises Conflict when it is gone."""
    found = drafts.find(tx, actor.key, key)
    if found is None:
        raise Conflict(f"this draft is saved or gone; open the {word} again")
    return found
