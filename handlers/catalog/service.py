"""`vigie load`: files into the catalog, all of them or nothing, as often as anybody likes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from domain.alert_mappings import AlertMapping
from domain.alert_rules import AlertRule
from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.heartbeats import Heartbeat
from domain.people import Actor, Person, Service, Team
from domain.policies import Policy
from domain.runbooks import Runbook
from handlers.catalog.catalog import Catalog, read, resolve, unversioned
from handlers.runbooks.carrying import announce
from storage import audit, homes
from storage import catalog as kept
from storage.identifiers import new_id
from storage.store import Store, Transaction, serialise

Value = TypeVar("Value", Person, Team, Service, Runbook, Policy, AlertRule, AlertMapping, Heartbeat)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, or would do, by name: "policy SRE Core - SEV1"."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tally:
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)

    def report(self) -> LoadReport:
        return LoadReport(tuple(self.added), tuple(self.changed), tuple(self.unchanged))


class CatalogService:
    """Puts files in the database."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def load(self, files: Sequence[tuple[str, str]], actor: Actor, *, dry_run: bool = False) -> LoadReport:
        """Load `files` (name, text). Raises Invalid with every fault of all of them, and then nothing is changed."""
        found: list[Fault] = []
        drafts = read(files, found)

        def work(tx: Transaction) -> LoadReport:
            if not dry_run:
                serialise(tx, "catalog")
            before = kept.directory(tx)
            catalog = resolve(drafts, before, new_id)
            if found:
                raise Invalid(sorted(found, key=_place))
            return _apply(tx, catalog, before, actor, self._clock, is_real=not dry_run)

        if dry_run:
            return await self._store.read(work)
        return await self._store.write(work)


def _place(fault: Fault) -> tuple[str, int]:
    return fault.file, fault.line


def _apply(
    tx: Transaction, catalog: Catalog, before: Directory, actor: Actor, clock: Clock, *, is_real: bool
) -> LoadReport:
    tally = _Tally()
    now = clock.now()

    def each(
        kind: str,
        values: Iterable[Value],
        known: Mapping[str, Value],
        name: Callable[[Value], str],
        put: Callable[[Transaction, Value], object],
    ) -> None:
        for value in values:
            old = known.get(value.id)
            subject = f"{kind} {name(value)}"
            if old is not None and content(old) == content(value):
                tally.unchanged.append(subject)
                continue
            (tally.added if old is None else tally.changed).append(subject)
            if is_real:
                put(tx, value)
                after = content(value)
                audit.record(tx, actor, f"{kind}.load", subject, content(old) if old else None, after, now)

    def put_runbook(tx: Transaction, runbook: Runbook) -> None:
        made = kept.put_runbook(tx, runbook, actor.name, now)
        announce(tx, made.id, now)

    def put_policy(tx: Transaction, policy: Policy) -> None:
        kept.put_policy(tx, policy, actor.name, now)

    each("person", catalog.people, before.people, lambda one: one.handle, kept.put_person)
    each("team", catalog.teams, before.teams, lambda one: one.name, kept.put_team)
    each("service", catalog.services, before.services, lambda one: one.name, kept.put_service)
    each("runbook", catalog.runbooks, before.runbooks, lambda one: one.title, put_runbook)
    each("policy", catalog.policies, before.policies, lambda one: one.name, put_policy)
    rules = {rule.id: rule for rule in before.alert_rules}
    each("alert rule", catalog.alert_rules, rules, lambda one: one.name, kept.put_alert_rule)
    each("alert mapping", catalog.alert_mappings, before.alert_mappings, lambda one: one.name, kept.put_alert_mapping)
    each("heartbeat", catalog.heartbeats, before.heartbeats, lambda one: one.name, kept.put_heartbeat)
    if is_real and (tally.added or tally.changed):
        kept.touch(tx)
        homes.refresh(tx, now)
    return tally.report()


def content(value: Value) -> dict[str, Any]:
    """Plain values for comparison and for the audit log."""
    bare = unversioned(value) if isinstance(value, (Runbook, Policy)) else value
    return {name: _plain(one) for name, one in asdict(bare).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value if isinstance(value, (bool, int, float, type(None))) else str(value)
