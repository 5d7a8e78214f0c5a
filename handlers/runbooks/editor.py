"""Runbooks written by people: what good practice finds is said with every draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain import runbook_drafts as rules
from domain.directory import Directory
from domain.drafts import Draft, Version
from domain.errors import Fault, Invalid
from domain.lint import Finding
from domain.people import Actor, Permission
from domain.runbook_lint import lint_runbook
from domain.runbooks import Runbook, RunbookStep
from handlers.catalog.dump import runbook_text
from handlers.editing.service import Editor
from handlers.incidents.service import permit
from handlers.runbooks.carrying import announce
from storage import catalog, drafts, evidence, runs, versions
from storage.identifiers import new_id
from storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Editing:
    """A draft with what the catalog says, and what good practice finds; `is_resumed` when it was begun another time.
    `overtaken` says who was faster than its author, who is asked whose words it goes on with."""

    draft: Draft[Runbook]
    directory: Directory
    findings: tuple[Finding, ...]
    is_resumed: bool = False
    overtaken: str = ""


class RunbookEditor(Editor[Runbook, Editing]):
    """Write, save, switch off, look back, restore, export. `wake` is called after a change that others see."""

    word = "runbook"
    permission = Permission.RUNBOOKS
    drafts = drafts.RUNBOOKS

    def known(self, directory: Directory) -> Mapping[str, Runbook]:
        return directory.runbooks

    def begun(self, current: Runbook | None) -> Runbook:
        return rules.counted(current or Runbook(id="", version=0, title=""))

    def said(self, tx: Transaction, version_id: str) -> Runbook:
        return versions.runbook(tx, version_id)

    def named(self, document: Runbook) -> str:
        return document.title

    def faults(self, document: Runbook, directory: Directory) -> list[Fault]:
        return rules.faults(document, directory)

    def editing(
        self,
        tx: Transaction,
        draft: Draft[Runbook],
        directory: Directory,
        *,
        is_resumed: bool = False,
        overtaken: str = "",
    ) -> Editing:
        known = evidence.of_runbook(tx, draft.document) if draft.key else None
        return Editing(draft, directory, lint_runbook(draft.document, known), is_resumed, overtaken)

    def put(self, tx: Transaction, document: Runbook, by: str) -> Runbook:
        now = self._clock.now()
        made = catalog.put_runbook(tx, replace(document, id=document.id or new_id()), by, now)
        announce(tx, made.id, now)
        return made

    def going_on(self, tx: Transaction, key: str) -> Mapping[int, int]:
        return runs.running_by_version(tx, key)

    def versions(self, tx: Transaction, key: str, limit: int) -> list[Version[Runbook]]:
        return versions.runbook_history(tx, key, limit)

    def version(self, tx: Transaction, key: str, number: int) -> Version[Runbook] | None:
        return versions.of_runbook(tx, key, number)

    async def export(self, key: str) -> tuple[Runbook, str]:
        """A runbook, and its YAML: loading it changes nothing. Raises NotFound."""
        found, directory = await self.show(key)
        return found, runbook_text(found, directory)

    async def draft(self, key: str, actor: Actor) -> Editing:
        """What its author has written so far. Raises Forbidden, Conflict."""
        permit(actor, Permission.RUNBOOKS)
        return await self._store.read(lambda tx: self.editing(tx, self.draft_of(tx, key, actor), catalog.directory(tx)))

    async def put_step(self, key: str, actor: Actor, position: int, step: RunbookStep) -> Editing:
        """A step at `position`, or for 0 at the end. Raises Invalid by field, Forbidden, Conflict."""
        faults = list(rules.step_faults(step))
        permit(actor, Permission.RUNBOOKS)
        if faults:
            raise Invalid(faults)
        return await self.change(key, actor, lambda draft, _: rules.with_step(draft, position, step))
