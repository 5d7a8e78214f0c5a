"""`vigie load`: files into the catalog, all of them or nothing, as often as anybody likes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from domain.clock import Clock
from domain.directory import Directory
from domain.drift import Drift, Drifted
from domain.errors import Fault, Invalid, Overwrites
from domain.people import Actor
from domain.policies import Policy
from domain.runbooks import Runbook
from domain.schedules import Override
from handlers.catalog import origins as traces
from handlers.catalog import overrides
from handlers.catalog.catalog import Catalog, read, resolve
from handlers.catalog.drafts import Drafts
from handlers.catalog.edits import let_follow
from handlers.catalog.sorts import SORTS, after, content
from handlers.oncall.service import ENDED, keep
from handlers.runbooks.carrying import announce
from storage import audit, homes, origins
from storage import catalog as kept
from storage.identifiers import new_id
from storage.store import Store, Transaction, serialise


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, or would do, by name: "policy SRE Core - SEV1".

    `lost` is what was edited by hand and is no longer there; `left` what the files said once and say no more: it stays.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    lost: tuple[Drifted, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tally:
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)

    def report(self, lost: Iterable[Drifted], left: Iterable[str]) -> LoadReport:
        return LoadReport(tuple(self.added), tuple(self.changed), tuple(self.unchanged), tuple(lost), tuple(left))


_Change = tuple[str, str, Any, Any]
"""Of a thing: its kind, what the audit log calls it, what it was (None when new), what it will be."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a load does to the catalog as it was `before`: worked out while alerts and pages are written."""

    before: Directory
    now: Directory
    changes: tuple[_Change, ...]
    """What is new, or says something else."""
    standing: tuple[Override, ...]
    """Whoever stands in for somebody from now on."""
    said: traces.Memory
    report: LoadReport

    @property
    def is_idle(self) -> bool:
        """Whether everything is as the files say already."""
        return not (self.changes or self.standing or self.said.new or self.said.over)


class CatalogService:
    """Puts files in the database."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def load(
        self, files: Sequence[tuple[str, str]], actor: Actor, *, dry_run: bool = False, is_forced: bool = False
    ) -> LoadReport:
        """Load `files` (name, text). Raises Invalid with every fault of all of them, and Overwrites when that undoes
        what was edited by hand, unless it `is_forced`: then nothing is changed. A `dry_run` only tells."""
        found: list[Fault] = []
        drafts = read(files, found)

        def look(tx: Transaction) -> _Plan:
            plan = self._planned(tx, drafts, found, [name for name, _ in files], actor)
            if plan.report.lost and not (dry_run or is_forced):
                raise Overwrites(plan.report.lost)
            return plan

        foreseen = await self._store.browse(look)
        if dry_run or foreseen.is_idle:
            return foreseen.report

        def work(tx: Transaction) -> LoadReport:
            serialise(tx, "catalog")
            # Changed since by somebody else, it is worked out again, and they wait.
            plan = foreseen if kept.revision(tx) == foreseen.before.revision else look(tx)
            self._write(tx, plan, actor)
            return plan.report

        return await self._store.write(work)

    def _planned(
        self, tx: Transaction, drafts: Drafts, found: list[Fault], files: Sequence[str], actor: Actor
    ) -> _Plan:
        """What loading `drafts` does. Raises Invalid with what is `found` to be wrong."""
        before, said = kept.directory(tx), origins.everything(tx)
        before.require_whole()
        catalog = resolve(drafts, traces.as_files_call(before, drafts, said), new_id)
        if found:
            raise Invalid(sorted(found, key=_place))
        things = list(traces.declared(drafts, catalog, before))
        now, at = after(before, catalog), self._clock.now()
        standing = _standing(catalog, before, at)
        fresh = tuple(one for one, is_new in standing if is_new)
        lost = (*traces.lost(tx, things, said, before, now), *_ended(tx, fresh, now))
        tally, changes = _compared(before, catalog, standing, now)
        left = traces.left(things, said, files, before)
        report = tally.report(lost, (f"{one.kind} {one.name}" for one in left))
        return _Plan(before, now, changes, fresh, traces.memory(things, said, now, actor, at), report)

    def _write(self, tx: Transaction, plan: _Plan, actor: Actor) -> None:
        """What is new, kept and told to the audit log."""
        now = self._clock.now()

        def put_runbook(tx: Transaction, runbook: Runbook) -> None:
            made = kept.put_runbook(tx, runbook, actor.name, now)
            announce(tx, made.id, now)

        def put_policy(tx: Transaction, policy: Policy) -> None:
            kept.put_policy(tx, policy, actor.name, now)

        put: dict[str, Callable[[Transaction, Any], None]] = {**_PUT, "runbook": put_runbook, "policy": put_policy}
        for kind, subject, old, value in plan.changes:
            put[kind](tx, value)
            told = content(old) if old else None
            audit.record(tx, actor, f"{kind}.load", subject, told, content(value), now)
        let_follow(tx, actor, plan.before, plan.now, now)
        for one in plan.standing:
            keep(tx, replace(one, id=new_id(), by=actor.name), actor, now, plan.now)
        origins.drop(tx, plan.said.over)
        origins.put(tx, plan.said.new)
        kept.touch(tx)
        homes.refresh(tx, now)


_PUT: Mapping[str, Callable[[Transaction, Any], None]] = {
    "person": kept.put_person,
    "team": kept.put_team,
    "service": kept.put_service,
    "alert rule": kept.put_alert_rule,
    "alert mapping": kept.put_alert_mapping,
    "heartbeat": kept.put_heartbeat,
}


def _place(fault: Fault) -> tuple[str, int]:
    return fault.file, fault.line


def _changes(before: Directory, catalog: Catalog) -> Iterable[_Change]:
    """Everything of a load: its kind, what the audit log calls it, what it was (None when new), what it will be."""
    for sort in SORTS:
        known = sort.known(before)
        for value in sort.made(catalog):
            yield sort.kind, f"{sort.kind} {sort.name(value)}", known.get(value.id), value


def _standing(catalog: Catalog, before: Directory, at: datetime) -> list[tuple[Override, bool]]:
    """Who stands in for whom, and whether that is new: what is over comes no more, what a file does not say stays."""
    return [(one, one.end > at and not overrides.is_there(one, before)) for one in catalog.overrides]


def _ended(tx: Transaction, new: Sequence[Override], now: Directory) -> Iterator[Drifted]:
    """Those of `new` that somebody has ended by hand."""
    _, ends = audit.found(tx, audit.Query(action=ENDED, limit=_ENDS_LOOKED_AT)) if new else (0, [])
    for one in new:
        if end := next((end for end in ends if overrides.is_said(one, end.before)), None):
            name = overrides.subject(one, now).removeprefix("override ")
            yield Drifted(what=Drift.REMOVED, kind="override", name=name, by=end.actor, at=end.at)


_ENDS_LOOKED_AT = 1000
"""The latest. Whoever stands in does so for 60 days at most."""


def _compared(
    before: Directory, catalog: Catalog, standing: Iterable[tuple[Override, bool]], now: Directory
) -> tuple[_Tally, tuple[_Change, ...]]:
    tally, changes = _Tally(), []
    for kind, subject, old, value in _changes(before, catalog):
        if old is not None and content(old) == content(value):
            tally.unchanged.append(subject)
            continue
        (tally.added if old is None else tally.changed).append(subject)
        changes.append((kind, subject, old, value))
    for one, is_new in standing:
        (tally.added if is_new else tally.unchanged).append(overrides.subject(one, now))
    return tally, tuple(changes)
