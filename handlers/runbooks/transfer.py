"""Runbooks from YAML, looked at before they are saved. What is written is kept until then, right or wrong."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from domain.clock import Clock
from domain.directory import Directory
from domain.drafts import differences
from domain.errors import Fault, Invalid, Outdated
from domain.lint import Finding
from domain.people import Actor, Permission
from domain.runbook_lint import lint_runbook
from domain.runbooks import Runbook
from handlers.catalog.catalog import read, resolve
from handlers.catalog.drafts import Drafts
from handlers.catalog.sorts import content
from handlers.incidents.service import permit
from handlers.runbooks.carrying import announce
from storage import audit, catalog, homes, runs, transfer
from storage.identifiers import new_id
from storage.store import Store, Transaction, serialise


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does to one runbook: `before` is None for a new one. `kept` are runs that keep older versions."""

    before: Runbook | None
    after: Runbook
    findings: tuple[Finding, ...] = ()
    kept: int = 0

    @property
    def is_change(self) -> bool:
        return self.before is None or bool(differences(self.before, self.after))


@dataclass(frozen=True, slots=True)
class Look:
    """What an import does. `seen` stands for it: what is saved is what was looked at."""

    changes: tuple[Change, ...]
    directory: Directory
    seen: str


_CHANGED = "somebody changed these runbooks meanwhile: look at what is imported once more"


class RunbookTransfer:
    """Keep what somebody wants to import, look at what it does, do it. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def begun(self, actor: Actor) -> str:
        """What somebody pasted another time and did not import, "" for nothing. Raises Forbidden."""
        permit(actor, Permission.RUNBOOKS)
        file, text = await self._store.read(lambda tx: transfer.find(tx, actor.key))
        return "" if file else text

    async def keep(self, actor: Actor, file: str, text: str) -> None:
        """Keep `text`, pasted or from a `file`, as it is. Raises Forbidden, Invalid when there is nothing."""
        permit(actor, Permission.RUNBOOKS)
        if not text.strip():
            raise Invalid([Fault("", "paste the YAML of a runbook, or choose a file")])
        await self._store.write(lambda tx: transfer.put(tx, actor.key, file, text, self._clock.now()))

    async def look(self, actor: Actor) -> Look:
        """What importing that would do. Raises Invalid with every fault by line and field, Forbidden."""
        permit(actor, Permission.RUNBOOKS)
        said = await self._said(actor)
        return await self._store.read(lambda tx: _look(tx, actor, said))

    async def take(self, actor: Actor, seen: str) -> Look:
        """Import what was `seen`. Raises Outdated when it does something else by now, Invalid, Forbidden."""
        permit(actor, Permission.RUNBOOKS)
        said = await self._said(actor)

        def work(tx: Transaction) -> Look:
            serialise(tx, "catalog")
            found = _look(tx, actor, said)
            if found.seen != seen:
                raise Outdated(_CHANGED)
            made = tuple(self._write(tx, actor, change) for change in found.changes)
            transfer.drop(tx, actor.key)
            catalog.touch(tx)
            homes.refresh(tx, self._clock.now())
            return Look(made, found.directory, "")

        taken = await self._store.write(work)
        self._wake()
        return taken

    async def _said(self, actor: Actor) -> _Said:
        """What is to be imported, read beside the database: a megabyte takes seconds, and nobody waits for them."""
        file, text = await self._store.read(lambda tx: transfer.find(tx, actor.key))
        return await asyncio.to_thread(_read, file, text)

    def _write(self, tx: Transaction, actor: Actor, change: Change) -> Change:
        if not change.is_change:
            return change
        now = self._clock.now()
        made = catalog.put_runbook(tx, change.after, actor.name, now)
        before = content(change.before) if change.before else None
        audit.record(tx, actor, "runbook.import", f"runbook {made.title}", before, content(made), now)
        announce(tx, made.id, now)
        running = runs.running_by_version(tx, made.id)
        kept = sum(count for number, count in running.items() if number < made.version)
        return Change(change.before, made, change.findings, kept)


@dataclass(frozen=True, slots=True)
class _Said:
    """What somebody wants to import: the text, what it says, and what is wrong with it."""

    text: str
    drafts: Drafts
    faults: list[Fault]


def _read(file: str, text: str) -> _Said:
    found: list[Fault] = []
    said = read([(file, text)], found)
    return _Said(text, said, found)


def _look(tx: Transaction, actor: Actor, said: _Said) -> Look:
    _, text = transfer.find(tx, actor.key)
    if text != said.text:
        raise Outdated(_CHANGED)
    directory = catalog.directory(tx)
    made = resolve(said.drafts, directory, new_id).runbooks
    # Whatever is looked up says what it lacks to the faults of its own file.
    found = [*said.faults, *_others(said.drafts)]
    if found:
        raise Invalid(sorted(found, key=lambda fault: fault.line))
    changes = tuple(Change(directory.runbooks.get(one.id), one, lint_runbook(one)) for one in made)
    return Look(changes, directory, _seen(text, changes))


def _others(said: Drafts) -> list[Fault]:
    """What is no runbook: people and policies have their own permission, and their own place."""
    organised = (said.people, said.teams, said.services, said.policies, said.overrides)
    kinds = (*organised, said.alert_rules, said.alert_mappings, said.heartbeats)
    others = [draft.fields for kind in kinds for draft in kind]
    message = "is no runbook: only runbooks are imported here"
    return [Fault(fields.path, message, line=fields.line) for fields in others]


def _seen(text: str, changes: tuple[Change, ...]) -> str:
    """The same for as long as an import does the same."""
    parts = [text, *(change.before.version_id if change.before else "" for change in changes)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
