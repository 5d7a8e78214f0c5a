"""Runbooks written by people: drafts that only their author sees, and versions that are kept for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from domain import runbook_drafts as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Conflict, Invalid, NotFound, Outdated
from domain.lint import Finding
from domain.people import Actor, Permission
from domain.runbook_drafts import RunbookWriting
from domain.runbook_lint import lint_runbook
from domain.runbooks import Runbook, RunbookStep
from handlers.catalog.dump import runbook_text
from handlers.catalog.sorts import content
from handlers.incidents.service import permit
from handlers.runbooks.carrying import announce
from handlers.runbooks.forms import Header
from storage import audit, catalog, evidence, homes, runs, versions
from storage import runbook_drafts as drafts
from storage.identifiers import new_id
from storage.store import Store, Transaction, serialise
from storage.versions import Version

HISTORY_SHOWN = 20
Change = Callable[[RunbookWriting], RunbookWriting]


@dataclass(frozen=True, slots=True)
class Editing:
    """A draft with what the catalog says, and what good practice finds; `is_resumed` when it was begun another time.
    `overtaken` says who was faster than its author, who is asked whose words it goes on with."""

    draft: RunbookWriting
    directory: Directory
    findings: tuple[Finding, ...]
    is_resumed: bool = False
    overtaken: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """A runbook as it is now. `kept` says how many running runs go on with which older version."""

    runbook: Runbook
    kept: dict[int, int]
    is_changed: bool


class RunbookEditor:
    """Write, save, switch off, look back, restore. `wake` is called after a change that others see."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def show(self, runbook: str) -> tuple[Runbook, Directory]:
        """A runbook as it is. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Runbook, Directory]:
            directory = catalog.directory(tx)
            return current(directory, runbook), directory

        return await self._store.read(work)

    async def export(self, runbook: str) -> tuple[Runbook, str]:
        """A runbook, and its YAML: loading it changes nothing. Raises NotFound."""
        found, directory = await self.show(runbook)
        return found, runbook_text(found, directory)

    async def begin(self, key: str, actor: Actor, *, afresh: bool = False, mine: bool = False) -> Editing:
        """The draft of a runbook ("" for a new one): the author's own, unless they begin `afresh`. What they wrote in
        one that is older than the runbook goes on when they want `mine`. Raises Forbidden, NotFound."""
        permit(actor, Permission.RUNBOOKS)

        def work(tx: Transaction) -> Editing:
            directory = catalog.directory(tx)
            kept = current(directory, key) if key else Runbook(id="", version=0, title="")
            before = drafts.find(tx, actor.key, key)
            if before and not afresh and before.runbook.version_id == kept.version_id:
                return _editing(tx, before, directory, is_resumed=bool(rules.differences(kept, before.runbook)))
            if before and mine:
                drafts.put(tx, rules.onto(before, kept), self._clock.now())
                return _editing(tx, rules.onto(before, kept), directory, is_resumed=True)
            if before and not afresh and _is_written(tx, before):
                return replace(_editing(tx, before, directory), overtaken=_meanwhile(tx, kept))
            draft = rules.begun(actor.key, kept, before.edition + 1 if before else 1)
            drafts.put(tx, draft, self._clock.now())
            return _editing(tx, draft, directory)

        return await self._store.write(work)

    async def keep(self, key: str, actor: Actor, header: Header) -> Editing:
        """What is typed above the steps. Raises Forbidden, Conflict when the draft is gone."""
        return await self._change(key, actor, lambda draft: _headed(draft, header))

    async def move(self, key: str, actor: Actor, header: Header, position: int, by: int, seen: str = "") -> Editing:
        """A step one place up (-1) or down (1); `seen` marks the one that is meant. Raises Forbidden, Conflict."""
        return await self._change(key, actor, lambda draft: rules.moved(_headed(draft, header), position, by, seen))

    async def remove(self, key: str, actor: Actor, header: Header, position: int, seen: str = "") -> Editing:
        """Without a step; `seen` marks the one that is meant. Raises Forbidden, Conflict."""
        return await self._change(key, actor, lambda draft: rules.without(_headed(draft, header), position, seen))

    async def draft(self, key: str, actor: Actor) -> Editing:
        """What its author has written so far. Raises Forbidden, Conflict."""
        permit(actor, Permission.RUNBOOKS)
        return await self._store.read(lambda tx: _editing(tx, _draft(tx, key, actor), catalog.directory(tx)))

    async def put_step(self, key: str, actor: Actor, position: int, step: RunbookStep) -> Editing:
        """A step at `position`, or for 0 at the end. Raises Invalid by field, Forbidden, Conflict."""
        faults = list(rules.step_faults(step))
        permit(actor, Permission.RUNBOOKS)
        if faults:
            raise Invalid(faults)
        return await self._change(key, actor, lambda draft: rules.with_step(draft, position, step))

    async def save(self, key: str, actor: Actor, header: Header) -> Saved:
        """The draft as a new version. Raises Invalid by field, Outdated when somebody was faster, Forbidden."""
        permit(actor, Permission.RUNBOOKS)

        def work(tx: Transaction) -> Saved | Outdated:
            serialise(tx, "catalog")
            draft, directory = _headed(_draft(tx, key, actor), header), catalog.directory(tx)
            kept = current(directory, key) if key else None
            if kept and kept.version_id != draft.runbook.version_id:
                drafts.put(tx, draft, self._clock.now())
                return Outdated(_meanwhile(tx, kept))
            _check(draft.runbook, directory)
            saved = self._write(tx, actor, "runbook.save", kept, draft.runbook)
            drafts.drop(tx, actor.key, key)
            return saved

        return await self._saved(work)

    async def switch(self, runbook: str, actor: Actor, *, is_active: bool) -> Saved:
        """A runbook on or off. Raises NotFound, Forbidden."""
        permit(actor, Permission.RUNBOOKS)

        def work(tx: Transaction) -> Saved:
            serialise(tx, "catalog")
            kept = current(catalog.directory(tx), runbook)
            action = "runbook.activate" if is_active else "runbook.deactivate"
            return self._write(tx, actor, action, kept, replace(kept, is_active=is_active))

        return await self._saved(work)

    async def history(self, runbook: str) -> tuple[list[Version[Runbook]], Directory]:
        """The latest versions of a runbook, newest first. Raises NotFound."""

        def work(tx: Transaction) -> tuple[list[Version[Runbook]], Directory]:
            directory = catalog.directory(tx)
            current(directory, runbook)
            return versions.runbook_history(tx, runbook, HISTORY_SHOWN + 1), directory

        return await self._store.read(work)

    async def restore(self, runbook: str, number: int, actor: Actor) -> Saved:
        """An older version, said again as a new one. Raises NotFound, Forbidden, Invalid when it no longer fits."""
        permit(actor, Permission.RUNBOOKS)

        def work(tx: Transaction) -> Saved:
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            kept, old = current(directory, runbook), versions.of_runbook(tx, runbook, number)
            if old is None:
                raise NotFound(f"there is no version {number}")
            _check(old.said, directory)
            return self._write(tx, actor, "runbook.restore", kept, old.said)

        return await self._saved(work)

    async def _change(self, key: str, actor: Actor, change: Change) -> Editing:
        permit(actor, Permission.RUNBOOKS)

        def work(tx: Transaction) -> Editing:
            draft = change(_draft(tx, key, actor))
            drafts.put(tx, draft, self._clock.now())
            return _editing(tx, draft, catalog.directory(tx))

        return await self._store.write(work)

    async def _saved(self, work: Callable[[Transaction], Saved | Outdated]) -> Saved:
        saved = await self._store.write(work)
        if isinstance(saved, Outdated):
            # Raised after the transaction: what was typed must stay kept.
            raise saved
        self._wake()
        return saved

    def _write(self, tx: Transaction, actor: Actor, action: str, before: Runbook | None, after: Runbook) -> Saved:
        """`after` in the catalog and in the audit log. What says nothing new makes no version."""
        if before and not rules.differences(before, after):
            return Saved(before, {}, is_changed=False)
        now = self._clock.now()
        made = catalog.put_runbook(tx, replace(after, id=after.id or new_id()), actor.name, now)
        told = content(before) if before else None
        audit.record(tx, actor, action, f"runbook {made.title}", told, content(made), now)
        catalog.touch(tx)
        announce(tx, made.id, now)
        running = runs.running_by_version(tx, made.id)
        kept = {number: count for number, count in running.items() if number < made.version}
        homes.refresh(tx, now)
        return Saved(made, kept, is_changed=True)


def current(directory: Directory, runbook: str) -> Runbook:
    """The runbook with this id. Raises NotFound."""
    found = directory.runbooks.get(runbook)
    if found is None:
        raise NotFound("there is no such runbook any more")
    return found


def _editing(tx: Transaction, draft: RunbookWriting, directory: Directory, *, is_resumed: bool = False) -> Editing:
    known = evidence.of_runbook(tx, draft.runbook) if draft.runbook.id else None
    return Editing(draft, directory, lint_runbook(draft.runbook, known), is_resumed)


def _check(runbook: Runbook, directory: Directory) -> None:
    """Raises Invalid with every field that is wrong: what is saved can be used."""
    found = rules.faults(runbook, directory)
    if found:
        raise Invalid(found)


def _draft(tx: Transaction, key: str, actor: Actor) -> RunbookWriting:
    found = drafts.find(tx, actor.key, key)
    if found is None:
        raise Conflict("this draft is saved or gone; open the runbook again")
    return found


def _headed(draft: RunbookWriting, header: Header) -> RunbookWriting:
    return replace(draft, runbook=replace(draft.runbook, **header.said()))


def _is_written(tx: Transaction, draft: RunbookWriting) -> bool:
    """Whether its author has changed anything in it."""
    base = rules.begun("", versions.runbook(tx, draft.runbook.version_id), 0).runbook
    return bool(rules.differences(base, draft.runbook))


def _meanwhile(tx: Transaction, kept: Runbook) -> str:
    latest = versions.of_runbook(tx, kept.id, kept.version)
    by = (latest.by if latest else "") or "somebody"
    return f"{by} changed this runbook meanwhile: it is v{kept.version} now"
