"""Policies written by people: who would be paged is said with every draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from domain import policy_drafts as rules
from domain import sequences
from domain.clock import Clock
from domain.directory import Directory
from domain.drafts import Draft, Version
from domain.errors import Fault, Invalid
from domain.people import Actor, Permission
from domain.policies import Channel, Policy, PolicyStep
from domain.previews import Preview, preview
from handlers.editing.service import Editor
from handlers.incidents.service import permit
from handlers.policies.forms import StepForm
from handlers.policies.judgement import reach
from handlers.policies.targets import Picked, picked, target
from storage import catalog, drafts, incidents, messages, versions
from storage.identifiers import new_id
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Editing:
    """A draft with what the catalog says; `is_resumed` when it was begun another time. `overtaken` says who was faster
    than its author, who is asked whose words it goes on with."""

    draft: Draft[Policy]
    directory: Directory
    preview: Preview
    is_resumed: bool = False
    overtaken: str = ""


@dataclass(frozen=True, slots=True)
class EditingStep:
    """A step of a draft, None for a new one, and what Slack's pickers show of its target."""

    editing: Editing
    step: PolicyStep | None
    picked: Picked


class PolicyService(Editor[Policy, Editing]):
    """Write, save, switch off, look back, restore. `wake` is called after a change that others see."""

    word = "policy"
    permission = Permission.POLICIES
    drafts = drafts.POLICIES

    def __init__(
        self, store: Store, clock: Clock, wake: Callable[[], None], channels: frozenset[Channel] = frozenset()
    ) -> None:
        """`channels` are those that are set up: the preview says what a step that needs another does."""
        super().__init__(store, clock, wake)
        self._channels = channels

    def known(self, directory: Directory) -> Mapping[str, Policy]:
        return directory.policies

    def begun(self, current: Policy | None) -> Policy:
        return current or Policy(id="", version=0, name="")

    def said(self, tx: Transaction, version_id: str) -> Policy:
        return versions.policy(tx, version_id)

    def named(self, document: Policy) -> str:
        return document.name

    def faults(self, document: Policy, directory: Directory) -> list[Fault]:
        return rules.faults(document, directory)

    def require_usable(self, document: Policy, directory: Directory) -> None:
        self.require(document, directory)

    def editing(
        self,
        tx: Transaction,
        draft: Draft[Policy],
        directory: Directory,
        *,
        is_resumed: bool = False,
        overtaken: str = "",
    ) -> Editing:
        seen = preview(draft.document, directory, self._clock.now(), reach(tx, self._channels))
        return Editing(draft, directory, seen, is_resumed, overtaken)

    def put(self, tx: Transaction, document: Policy, by: str) -> Policy:
        return catalog.put_policy(tx, replace(document, id=document.id or new_id()), by, self._clock.now())

    def going_on(self, tx: Transaction, key: str) -> Mapping[int, int]:
        return incidents.open_by_policy(tx, key)

    def versions(self, tx: Transaction, key: str, limit: int) -> list[Version[Policy]]:
        return versions.history(tx, key, limit)

    def version(self, tx: Transaction, key: str, number: int) -> Version[Policy] | None:
        return versions.of_policy(tx, key, number)

    async def step(self, key: str, actor: Actor, position: int) -> EditingStep:
        """A step to change, or for 0 the place of a new one. Raises Forbidden, Conflict."""
        permit(actor, Permission.POLICIES)

        def work(tx: Transaction) -> EditingStep:
            draft, directory = self.draft_of(tx, key, actor), catalog.directory(tx)
            step = sequences.at(draft.document.steps, position) if position else None
            shown = picked(step.target, directory, messages.channels(tx)) if step else Picked()
            return EditingStep(self.editing(tx, draft, directory), step, shown)

        return await self._store.read(work)

    async def put_step(self, key: str, actor: Actor, position: int, form: StepForm) -> Editing:
        """A step as the form says, at `position` or for 0 at the end. Raises Invalid by field, Forbidden, Conflict."""
        permit(actor, Permission.POLICIES)

        def work(tx: Transaction) -> Editing:
            draft, directory = self.draft_of(tx, key, actor), catalog.directory(tx)
            before = sequences.at(draft.document.steps, position) if position else None
            step = PolicyStep(
                order=position or len(draft.document.steps) + 1,
                delay_minutes=form.delay,
                channels=_in_order(form.channels, before),
                target=target(form, before.target if before else None, directory, messages.channels(tx)),
                message=form.message,
                is_active=form.is_active,
                requires_postmortem=form.requires_postmortem,
            )
            found = list(rules.step_faults(step, draft.document, directory))
            if found:
                raise Invalid(found)
            changed = rules.with_step(draft, position, step)
            self.drafts.put(tx, changed, self._clock.now())
            return self.editing(tx, changed, directory)

        return await self._store.write(work)


def _in_order(channels: tuple[Channel, ...], before: PolicyStep | None) -> tuple[Channel, ...]:
    """The same channels as before stay in the order that they were written in: boxes have none."""
    return before.channels if before and set(before.channels) == set(channels) else channels
