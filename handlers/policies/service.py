"""Policies written by people: drafts that only their author sees, and versions that are kept for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from domain import drafts as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.drafts import Draft
from domain.errors import Conflict, Invalid, NotFound, Outdated
from domain.people import Actor, Permission
from domain.policies import Channel, Policy, PolicyStep
from domain.previews import Preview, preview
from handlers.catalog.sorts import content
from handlers.incidents.service import permit
from handlers.policies.forms import Header, StepForm
from handlers.policies.judgement import reach
from handlers.policies.targets import Picked, picked, target
from storage import audit, catalog, drafts, homes, incidents, messages, versions
from storage.identifiers import new_id
from storage.store import Store, Transaction, serialise
from storage.versions import Version

HISTORY_SHOWN = 20
Change = Callable[[Draft, Directory], Draft]


@dataclass(frozen=True, slots=True)
class Editing:
    """A draft with what the catalog says; `is_resumed` when it was begun another time. `overtaken` says who was faster
    than its author, who is asked whose words it goes on with."""

    draft: Draft
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


@dataclass(frozen=True, slots=True)
class Saved:
    """A policy as it is now. `kept` says how many open incidents go on with which older version."""

    policy: Policy
    kept: dict[int, int]
    is_changed: bool


class PolicyService:
    """Write, save, switch off, look back, restore. `wake` is called after a change that others see."""

    def __init__(
        self, store: Store, clock: Clock, wake: Callable[[], None], channels: frozenset[Channel] = frozenset()
    ) -> None:
        """`channels` are those that are set up: the preview says what a step that needs another does."""
        self._store = store
        self._clock = clock
        self._wake = wake
        self._channels = channels

    def _editing(self, tx: Transaction, draft: Draft, directory: Directory, *, is_resumed: bool = False) -> Editing:
        seen = preview(draft.policy, directory, self._clock.now(), reach(tx, self._channels))
        return Editing(draft, directory, seen, is_resumed)

    async def show(self, policy: str) -> tuple[Policy, Directory]:
        """A policy as it is. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Policy, Directory]:
            directory = catalog.directory(tx)
            return _current(directory, policy), directory

        return await self._store.read(work)

    async def begin(self, key: str, actor: Actor, *, afresh: bool = False, mine: bool = False) -> Editing:
        """The draft of a policy ("" for a new one): the author's own, unless they begin `afresh`. What they wrote in
        one that is older than the policy goes on when they want `mine`. Raises Forbidden, NotFound."""
        permit(actor, Permission.POLICIES)

        def work(tx: Transaction) -> Editing:
            directory = catalog.directory(tx)
            current = _current(directory, key) if key else Policy(id="", version=0, name="")
            before = drafts.find(tx, actor.key, key)
            if before and not afresh and before.policy.version_id == current.version_id:
                is_changed = bool(rules.differences(current, before.policy))
                return self._editing(tx, before, directory, is_resumed=is_changed)
            if before and mine:
                drafts.put(tx, rules.onto(before, current), self._clock.now())
                return self._editing(tx, rules.onto(before, current), directory, is_resumed=True)
            if before and not afresh and _is_written(tx, before):
                return replace(self._editing(tx, before, directory), overtaken=_meanwhile(tx, current))
            draft = Draft(actor.key, current, before.edition + 1 if before else 1)
            drafts.put(tx, draft, self._clock.now())
            return self._editing(tx, draft, directory)

        return await self._store.write(work)

    async def keep(self, key: str, actor: Actor, header: Header) -> Editing:
        """What is typed above the steps. Raises Forbidden, Conflict when the draft is gone."""
        return await self._change(key, actor, lambda draft, _: _headed(draft, header))

    async def move(self, key: str, actor: Actor, header: Header, position: int, by: int, seen: str = "") -> Editing:
        """A step one place up (-1) or down (1); `seen` marks the one that is meant. Raises Forbidden, Conflict."""
        return await self._change(key, actor, lambda draft, _: rules.moved(_headed(draft, header), position, by, seen))

    async def remove(self, key: str, actor: Actor, header: Header, position: int, seen: str = "") -> Editing:
        """Without a step; `seen` marks the one that is meant. Raises Forbidden, Conflict."""
        return await self._change(key, actor, lambda draft, _: rules.without(_headed(draft, header), position, seen))

    async def step(self, key: str, actor: Actor, position: int) -> EditingStep:
        """A step to change, or for 0 the place of a new one. Raises Forbidden, Conflict."""
        permit(actor, Permission.POLICIES)

        def work(tx: Transaction) -> EditingStep:
            draft, directory = _draft(tx, key, actor), catalog.directory(tx)
            step = rules.step_at(draft, position) if position else None
            shown = picked(step.target, directory, messages.channels(tx)) if step else Picked()
            return EditingStep(self._editing(tx, draft, directory), step, shown)

        return await self._store.read(work)

    async def put_step(self, key: str, actor: Actor, position: int, form: StepForm) -> Editing:
        """A step as the form says, at `position` or for 0 at the end. Raises Invalid by field, Forbidden, Conflict."""
        permit(actor, Permission.POLICIES)

        def work(tx: Transaction) -> Editing:
            draft, directory = _draft(tx, key, actor), catalog.directory(tx)
            before = rules.step_at(draft, position) if position else None
            step = PolicyStep(
                order=position or len(draft.policy.steps) + 1,
                delay_minutes=form.delay,
                channels=_in_order(form.channels, before),
                target=target(form, before.target if before else None, directory, messages.channels(tx)),
                message=form.message,
                is_active=form.is_active,
                requires_postmortem=form.requires_postmortem,
            )
            found = list(rules.step_faults(step, draft.policy, directory))
            if found:
                raise Invalid(found)
            changed = rules.with_step(draft, position, step)
            drafts.put(tx, changed, self._clock.now())
            return self._editing(tx, changed, directory)

        return await self._store.write(work)

    async def save(self, key: str, actor: Actor, header: Header) -> Saved:
        """The draft as a new version. Raises Invalid by field, Outdated when somebody was faster, Forbidden."""
        permit(actor, Permission.POLICIES)

        def work(tx: Transaction) -> Saved | Outdated:
            serialise(tx, "catalog")
            draft, directory = _headed(_draft(tx, key, actor), header), catalog.directory(tx)
            current = _current(directory, key) if key else None
            if current and current.version_id != draft.policy.version_id:
                drafts.put(tx, draft, self._clock.now())
                return Outdated(_meanwhile(tx, current))
            _check(draft.policy, directory)
            saved = self._write(tx, actor, "policy.save", current, draft.policy)
            drafts.drop(tx, actor.key, key)
            return saved

        return await self._saved(work)

    async def switch(self, policy: str, actor: Actor, *, is_active: bool) -> Saved:
        """A policy on or off. Raises NotFound, Forbidden, Invalid when it can't be used as it is."""
        permit(actor, Permission.POLICIES)

        def work(tx: Transaction) -> Saved:
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            current = _current(directory, policy)
            if is_active:
                _check(current, directory)
            action = "policy.activate" if is_active else "policy.deactivate"
            return self._write(tx, actor, action, current, replace(current, is_active=is_active))

        return await self._saved(work)

    async def history(self, policy: str) -> tuple[list[Version[Policy]], Directory]:
        """The latest versions of a policy, newest first. Raises NotFound."""

        def work(tx: Transaction) -> tuple[list[Version[Policy]], Directory]:
            directory = catalog.directory(tx)
            _current(directory, policy)
            return versions.history(tx, policy, HISTORY_SHOWN + 1), directory

        return await self._store.read(work)

    async def restore(self, policy: str, number: int, actor: Actor) -> Saved:
        """An older version, said again as a new one. Raises NotFound, Forbidden, Invalid when it no longer fits."""
        permit(actor, Permission.POLICIES)

        def work(tx: Transaction) -> Saved:
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            current, old = _current(directory, policy), versions.of_policy(tx, policy, number)
            if old is None:
                raise NotFound(f"there is no version {number}")
            _check(old.said, directory)
            return self._write(tx, actor, "policy.restore", current, old.said)

        return await self._saved(work)

    async def _change(self, key: str, actor: Actor, change: Change) -> Editing:
        permit(actor, Permission.POLICIES)

        def work(tx: Transaction) -> Editing:
            directory = catalog.directory(tx)
            draft = change(_draft(tx, key, actor), directory)
            drafts.put(tx, draft, self._clock.now())
            return self._editing(tx, draft, directory)

        return await self._store.write(work)

    async def _saved(self, work: Callable[[Transaction], Saved | Outdated]) -> Saved:
        saved = await self._store.write(work)
        if isinstance(saved, Outdated):
            # Raised after the transaction: what was typed must stay kept.
            raise saved
        self._wake()
        return saved

    def _write(self, tx: Transaction, actor: Actor, action: str, before: Policy | None, after: Policy) -> Saved:
        """`after` in the catalog and in the audit log. What says nothing new makes no version."""
        if before and not rules.differences(before, after):
            return Saved(before, {}, is_changed=False)
        now = self._clock.now()
        made = catalog.put_policy(tx, replace(after, id=after.id or new_id()), actor.name, now)
        subject = f"policy {made.name}"
        audit.record(tx, actor, action, subject, content(before) if before else None, content(made), now)
        catalog.touch(tx)
        kept = {
            number: count for number, count in incidents.open_by_policy(tx, made.id).items() if number < made.version
        }
        homes.refresh(tx, now)
        return Saved(made, kept, is_changed=True)


def _current(directory: Directory, policy: str) -> Policy:
    found = directory.policies.get(policy)
    if found is None:
        raise NotFound("there is no such policy any more")
    return found


def _in_order(channels: tuple[Channel, ...], before: PolicyStep | None) -> tuple[Channel, ...]:
    """The same channels as before stay in the order that they were written in: boxes have none."""
    return before.channels if before and set(before.channels) == set(channels) else channels


def _check(policy: Policy, directory: Directory) -> None:
    """Raises Invalid with every field that is wrong: what is saved can be used."""
    found = rules.faults(policy, directory)
    if found:
        raise Invalid(found)


def _draft(tx: Transaction, key: str, actor: Actor) -> Draft:
    found = drafts.find(tx, actor.key, key)
    if found is None:
        raise Conflict("this draft is saved or gone; open the policy again")
    return found


def _headed(draft: Draft, header: Header) -> Draft:
    return replace(draft, policy=replace(draft.policy, **header.said()))


def _is_written(tx: Transaction, draft: Draft) -> bool:
    """Whether its author has changed anything in it."""
    return bool(rules.differences(versions.policy(tx, draft.policy.version_id), draft.policy))


def _meanwhile(tx: Transaction, current: Policy) -> str:
    latest = versions.of_policy(tx, current.id, current.version)
    by = (latest.by if latest else "") or "somebody"
    return f"{by} changed this policy meanwhile: it is v{current.version} now"
