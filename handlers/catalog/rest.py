"""The catalog for programs: the same rules, versions and audit as Slack and files have, a thing at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.alert_rules import AlertRule
from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Conflict, InUse, NotFound, Outdated
from domain.lint import Finding
from domain.organisation import service_faults, team_faults
from domain.people import Actor
from domain.policies import Channel
from handlers.catalog.edits import check, follow
from handlers.catalog.fields import PEOPLE, POLICIES, RUNBOOKS, SERVICES, TEAMS, Kind, value_of
from handlers.catalog.findings import findings
from handlers.catalog.intake_kinds import ALERT_MAPPINGS, ALERT_RULES, HEARTBEATS, reordered
from handlers.catalog.sorts import content
from handlers.incidents.service import permit
from handlers.people.checks import check_person
from handlers.policies.judgement import reach
from handlers.runbooks.carrying import announce
from storage import audit, homes, removals
from storage import catalog as kept
from storage.identifiers import new_id
from storage.store import Store, Transaction, serialise

Change = Callable[[dict[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Record:
    """One thing as the API shows it; `etag` changes when what it says does."""

    fields: dict[str, Any]
    findings: tuple[Finding, ...] = ()

    @property
    def etag(self) -> str:
        return hashlib.sha256(json.dumps(self.fields, sort_keys=True).encode()).hexdigest()[:20]


class CatalogRecords:
    """List, show, create, change, remove. `channels` are those that are set up; `admins` are Slack ids that are admins
    whatever the catalog says; `wake` is called after a change."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        wake: Callable[[], None],
        channels: frozenset[Channel],
        admins: frozenset[str] = frozenset(),
    ) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._channels = channels
        self._admins = admins

    async def all(self, kind: Kind) -> list[dict[str, Any]]:
        """Everything of a kind, without findings."""
        directory = await self._store.read(kept.directory)
        return [kind.fields(one, directory) for one in kind.things(directory).values()]

    async def show(self, kind: Kind, key: str) -> Record:
        """One thing, by its id or its name. Raises NotFound."""

        def work(tx: Transaction) -> Record:
            directory = kept.directory(tx)
            return self._record(tx, kind, _find(kind, key, directory), directory)

        return await self._store.read(work)

    async def create(self, kind: Kind, given: Mapping[str, Any], actor: Actor, *, is_again: bool = False) -> Record:
        """A new thing. Raises Invalid by field, Forbidden, and Conflict when there is one of that name: unless
        `is_again` says that this may be the same request once more, and it says the same."""
        permit(actor, kind.permission)

        def work(tx: Transaction) -> Record:
            serialise(tx, "catalog")
            directory = kept.directory(tx)
            value = value_of(kind, given, directory, new_id)
            known = kind.things(directory).get(value.id)
            if known is not None:
                if is_again and content(known) == content(value):
                    return self._record(tx, kind, known, directory)
                raise Conflict(f"there is a {kind.name} {getattr(value, kind.label)} already")
            return self._keep(tx, kind, None, value, actor)

        return await self._written(work)

    async def change(self, kind: Kind, key: str, actor: Actor, seen: str, change: Change) -> Record:
        """A thing with other fields: `change` gets those of now. Raises Outdated when `seen` is not its etag ("" for
        any), Invalid by field, NotFound, Forbidden, Conflict when another has that name."""
        permit(actor, kind.permission)

        def work(tx: Transaction) -> Record:
            serialise(tx, "catalog")
            directory = kept.directory(tx)
            before = _find(kind, key, directory)
            _check_seen(kind, before, directory, seen)
            given = change(kind.fields(before, directory))
            value = value_of(kind, given, _called(kind, before, given, directory), new_id)
            if value.id != before.id:
                if value.id in kind.things(directory):
                    raise Conflict(f"there is a {kind.name} {getattr(value, kind.label)} already")
                # Another name: the files know things by their names, and take it for a new one.
                value = replace(value, id=before.id)
            return self._keep(tx, kind, before, value, actor)

        return await self._written(work)

    async def remove(self, kind: Kind, key: str, actor: Actor, seen: str) -> None:
        """Without this thing. Raises InUse saying by what, Outdated, NotFound, Forbidden."""
        permit(actor, kind.permission)
        looked_at = self._clock.now()
        # All that happened is read for it, when nothing was done by it: alerts and pages go on meanwhile.
        await self._store.browse(lambda tx: _check_used(tx, kind, _find(kind, key, kept.directory(tx))))

        def work(tx: Transaction) -> None:
            if kind.name in _USED:
                # What an incident that opens now is paged and worked by stays: nothing opens meanwhile.
                serialise(tx, "intake")
            serialise(tx, "catalog")
            directory = kept.directory(tx)
            before = _find(kind, key, directory)
            _check_seen(kind, before, directory, seen)
            _check_used(tx, kind, before, looked_at - _A_WHILE)
            _DROP[kind.name](tx, before)
            self._tell(tx, kind, before, None, actor)

        await self._store.write(work)
        self._wake()

    async def _written(self, work: Callable[[Transaction], Record]) -> Record:
        record = await self._store.write(work)
        self._wake()
        return record

    def _keep(self, tx: Transaction, kind: Kind, before: Any, value: Any, actor: Actor) -> Record:
        if before is not None and content(before) == content(value):
            directory = kept.directory(tx)
            return self._record(tx, kind, before, directory)
        self._check(tx, kind, before, value)
        if before is not None and kind in (TEAMS, SERVICES):
            follow(tx, actor, value, self._clock.now())
        if kind is RUNBOOKS:
            value = kept.put_runbook(tx, value, actor.name, self._clock.now())
            announce(tx, value.id, self._clock.now())
        elif kind is POLICIES:
            value = kept.put_policy(tx, value, actor.name, self._clock.now())
        else:
            _PUT[kind.name](tx, value)
        self._tell(tx, kind, before, value, actor)
        directory = kept.directory(tx)
        return self._record(tx, kind, kind.things(directory)[value.id], directory)

    def _check(self, tx: Transaction, kind: Kind, before: Any, value: Any) -> None:
        """By the rules that Slack's forms have too. Raises Invalid, InUse."""
        directory = kept.directory(tx)
        if kind is PEOPLE:
            check_person(tx, before, value, directory, self._admins)
        elif kind is TEAMS:
            check(team_faults(value, directory))
        elif kind is SERVICES:
            check(service_faults(value, directory))

    def _tell(self, tx: Transaction, kind: Kind, before: Any, after: Any, actor: Actor) -> None:
        """The audit log, the directory, and open Home tabs."""
        now, about = self._clock.now(), after or before
        verb = "delete" if after is None else "save"
        was, is_now = (content(one) if one else None for one in (before, after))
        audit.record(tx, actor, f"{kind.name}.{verb}", f"{kind.name} {getattr(about, kind.label)}", was, is_now, now)
        kept.touch(tx)
        homes.refresh(tx, now)

    def _record(self, tx: Transaction, kind: Kind, value: Any, directory: Directory) -> Record:
        found = findings(kind, value, directory, reach(tx, self._channels), self._clock.now())
        return Record(kind.fields(value, directory), found)


def _put_rule(tx: Transaction, value: AlertRule) -> None:
    """It, and those that another place of it moves."""
    for rule in reordered(kept.directory(tx).alert_rules, value):
        kept.put_alert_rule(tx, rule)


_PUT: dict[str, Callable[[Transaction, Any], None]] = {
    ALERT_RULES.name: _put_rule,
    ALERT_MAPPINGS.name: kept.put_alert_mapping,
    HEARTBEATS.name: kept.put_heartbeat,
    SERVICES.name: kept.put_service,
    TEAMS.name: kept.put_team,
    PEOPLE.name: kept.put_person,
}


def _find(kind: Kind, key: str, directory: Directory) -> Any:
    things = kind.things(directory)
    named = (one for one in things.values() if getattr(one, kind.label).casefold() == key.casefold())
    found = things.get(key) or next(named, None)
    if found is None:
        raise NotFound(f"there is no {kind.name} {key[:60]}")
    return found


def _called(kind: Kind, before: Any, given: Mapping[str, Any], directory: Directory) -> Directory:
    """`directory` in which a thing already has the name that it is given: its addresses and aliases stay its own."""
    things, name = kind.things(directory), " ".join(str(given.get(kind.label) or "").split())
    if not name or any(getattr(one, kind.label).casefold() == name.casefold() for one in things.values()):
        return directory
    renamed = {**things, before.id: replace(before, **{kind.label: name})}
    known: dict[str, Any] = {kind.plural: tuple(renamed.values()) if kind is ALERT_RULES else renamed}
    return replace(directory, **known)


def _check_seen(kind: Kind, value: Any, directory: Directory, seen: str) -> None:
    if seen and seen != Record(kind.fields(value, directory)).etag:
        raise Outdated(f"this {kind.name} has changed meanwhile: read it again")


def _check_used(tx: Transaction, kind: Kind, value: Any, since: datetime | None = None) -> None:
    """Raises InUse for what incidents were paged or worked by: those that are open or have begun `since`, or any."""
    is_used = _USED.get(kind.name)
    if is_used and is_used(tx, value.id, since):
        raise InUse([f"incidents know the {kind.name}: set is_active to false instead"])


_A_WHILE = timedelta(minutes=10)
"""Clocks of several processes differ, and are set."""


def _drop_rule(tx: Transaction, value: AlertRule) -> None:
    """Without it; those behind it move up."""
    for rule in reordered(kept.directory(tx).alert_rules, None, without=value.id):
        kept.put_alert_rule(tx, rule)
    kept.drop_alert_rule(tx, value)


_USED = {RUNBOOKS.name: removals.is_runbook_used, POLICIES.name: removals.is_policy_used}
_DROP: dict[str, Callable[[Transaction, Any], None]] = {
    RUNBOOKS.name: removals.drop_runbook,
    POLICIES.name: removals.drop_policy,
    ALERT_RULES.name: _drop_rule,
    ALERT_MAPPINGS.name: kept.drop_alert_mapping,
    HEARTBEATS.name: kept.drop_heartbeat,
}
