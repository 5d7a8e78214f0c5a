"""What is configured: people, teams, services, and the current versions of runbooks and policies."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from secrets import randbelow
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import BigInteger, Engine, RootTransaction, Table, cast, delete, insert, select, update
from sqlmodel import SQLModel

from domain.alert_mappings import AlertMapping
from domain.alert_rules import AlertRule
from domain.directory import Directory
from domain.heartbeats import Heartbeat
from domain.oncall import Shift
from domain.people import Person, Service, Team
from domain.policies import Policy
from domain.preferences import Preferences
from domain.runbooks import Runbook
from storage import alert_catalog, bulk, events, heartbeats, preferences, rows
from storage.catalog_tables import CatalogRevision, PersonRow, ServiceRow, TeamRow
from storage.contact_tables import VerifiedContactRow
from storage.glances import Glance
from storage.home_tables import ReaderRow
from storage.identifiers import new_id
from storage.intake_tables import AlertMappingRow, AlertRuleRow
from storage.legible import Legible
from storage.oversight_tables import HeartbeatRow
from storage.policy_tables import PolicyRow, PolicyVersionRow
from storage.runbook_tables import RunbookRow, RunbookVersionRow
from storage.schedule_tables import CalendarRow, OverrideRow
from storage.store import Transaction, serialise
from storage.vault import Vault, given

Value = TypeVar("Value")

_DIRECTORIES: WeakKeyDictionary[Vault | Engine, Directory] = WeakKeyDictionary()
"""By store: what one thread has read, those that write need not read again while everybody waits for them."""
_CHANGING: WeakSet[RootTransaction] = WeakSet()
"""Transactions that changed the catalog: what they see may yet be undone, so nobody else is shown it."""


def table(model: type[SQLModel]) -> Table:
    """The table behind a SQLModel class."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def revision(tx: Transaction) -> int:
    """Another number whenever the catalog has changed."""
    return _REVISION.seen(tx) or 0


_REVISION = Glance(select(table(CatalogRevision).c.revision))


def directory(tx: Transaction) -> Directory:
    """The catalog as this transaction sees it; read anew only after a change."""
    current = revision(tx)
    if tx.get_transaction() in _CHANGING:
        return _read(tx, current)
    store = given(tx.dialect) or tx.engine
    cached = _DIRECTORIES.get(store)
    if cached is None or cached.revision != current:
        cached = _DIRECTORIES[store] = _read_whole(tx, current)
    return cached


def look_again(tx: Transaction) -> None:
    """Have everybody read the catalog anew when something of it that could not be read can be: whoever mends a row with
    a tool of the database's tells nobody."""
    lost = directory(tx).unreadable
    if lost and _read(tx, 0).unreadable != lost:
        touch(tx)


def _read_whole(tx: Transaction, current: int) -> Directory:
    """On PostgreSQL each table is read as it is then: when another transaction has changed the catalog in between, a
    team may have somebody in it who is not among the people."""
    found = _read(tx, current)
    while (after := revision(tx)) != found.revision:
        found = _read(tx, after)
    return found


def _read(tx: Transaction, current: int) -> Directory:
    legible = Legible(tx)
    said, nothing = preferences.all_of(legible), Preferences()
    people = _by_id(legible, "person", "handle", PersonRow, lambda row: rows.person(row, said.get(row.id, nothing)))
    overrides = select(table(OverrideRow)).order_by(table(OverrideRow).c.id)
    outside = legible.each("calendar of the team", _CALENDARS, table(CalendarRow).c.team, partial(_calendar, people))
    return Directory(
        revision=current,
        people=people,
        teams=_by_id(legible, "team", "name", TeamRow, rows.team),
        services=_by_id(legible, "service", "name", ServiceRow, rows.service),
        policies=_current(legible, "policy", PolicyRow, PolicyVersionRow, rows.policy),
        readers={row.user: row.locale for row in tx.execute(select(table(ReaderRow)))},
        runbooks=_current(legible, "runbook", RunbookRow, RunbookVersionRow, rows.runbook),
        verified=frozenset((row.person, row.address) for row in tx.execute(select(table(VerifiedContactRow)))),
        alert_rules=alert_catalog.rules(legible),
        alert_mappings=alert_catalog.mappings(legible),
        heartbeats=heartbeats.every(legible),
        overrides=tuple(legible.each("override", overrides, table(OverrideRow).c.id, rows.override)),
        calendars={team: shifts for team, shifts, _ in outside},
        broken_calendars={team: failure for team, _, failure in outside if failure},
        unreadable=tuple(legible.lost),
    )


_CALENDARS = select(table(CalendarRow).c.team, table(CalendarRow).c.events, table(CalendarRow).c.failure)


def _calendar(people: dict[str, Person], row: Any) -> tuple[str, tuple[Shift, ...], str]:
    return row.team, events.shifts(row.events, people.values()), row.failure


def _by_id(
    legible: Legible, kind: str, name: str, model: type[SQLModel], build: Callable[[Any], Value]
) -> dict[str, Value]:
    target = table(model)
    return dict(legible.each(kind, select(target), target.c[name], lambda row: (row.id, build(row))))


def _current(
    legible: Legible,
    kind: str,
    head: type[SQLModel],
    version: type[SQLModel],
    build: Callable[[str, str, int, dict[str, Any]], Value],
) -> dict[str, Value]:
    heads, versions = table(head), table(version)
    content = select(heads.c.id, versions.c.id, versions.c.version, versions.c.content)
    # In one order, whoever was written last: of two policies that fit an incident, one is the first.
    found = content.join(versions, versions.c.id == heads.c.current_version).order_by(heads.c.id)
    named = heads.c["title" if "title" in heads.c else "name"]
    return dict(legible.each(kind, found, named, lambda row: (row[0], build(*row))))


def touch(tx: Transaction) -> None:
    """Say that the catalog has changed."""
    _begin(tx)
    revisions, step = table(CatalogRevision), 1 + randbelow(_REVISIONS - 1)
    another = (cast(revisions.c.revision, BigInteger) + step) % _REVISIONS
    if not tx.execute(update(revisions).values(revision=another)).rowcount:
        tx.execute(insert(revisions).values(id=1, revision=step))


_REVISIONS = 2**30
"""So many numbers. The next is drawn by lot and not counted: a standby that takes over, or a copy that is gone back to,
may lack the last changes, and as many others made there are no reason to go on by what was read before."""


def _begin(tx: Transaction) -> None:
    """Changes of the catalog take turns: each replaces what the one before it wrote."""
    changing = tx.get_transaction()
    if changing is not None and changing not in _CHANGING:
        serialise(tx, "catalog")
        _CHANGING.add(changing)


def put_person(tx: Transaction, person: Person) -> None:
    _put(tx, PersonRow, rows.person_values(person))
    preferences.put(tx, person.id, person.preferences)


def link_slack(tx: Transaction, person: Person, user: str) -> Person:
    """Keep the Slack id of somebody whom the catalog knows by e-mail address."""
    linked = replace(person, slack=user)
    put_person(tx, linked)
    touch(tx)
    return linked


def drop_person(tx: Transaction, person: Person) -> None:
    """Take away somebody whom nothing names any more, with what was proved of them."""
    _drop(tx, PersonRow, person.id)
    preferences.drop(tx, person.id)
    verified = table(VerifiedContactRow)
    tx.execute(delete(verified).where(verified.c.person == person.id))


def drop_team(tx: Transaction, team: Team) -> None:
    _drop(tx, TeamRow, team.id)


def drop_service(tx: Transaction, service: Service) -> None:
    _drop(tx, ServiceRow, service.id)


def put_team(tx: Transaction, team: Team) -> None:
    _put(tx, TeamRow, rows.team_values(team))


def put_service(tx: Transaction, service: Service) -> None:
    _put(tx, ServiceRow, rows.service_values(service))


def put_alert_rule(tx: Transaction, rule: AlertRule) -> None:
    _put(tx, AlertRuleRow, alert_catalog.rule_values(rule))


def put_alert_mapping(tx: Transaction, mapping: AlertMapping) -> None:
    _put(tx, AlertMappingRow, alert_catalog.mapping_values(mapping))


def put_heartbeat(tx: Transaction, heartbeat: Heartbeat) -> None:
    _put(tx, HeartbeatRow, heartbeats.values(heartbeat))


def drop_alert_rule(tx: Transaction, rule: AlertRule) -> None:
    _drop(tx, AlertRuleRow, rule.id)


def drop_alert_mapping(tx: Transaction, mapping: AlertMapping) -> None:
    _drop(tx, AlertMappingRow, mapping.id)


def drop_heartbeat(tx: Transaction, heartbeat: Heartbeat) -> None:
    _drop(tx, HeartbeatRow, heartbeat.id)


def put_runbook(tx: Transaction, runbook: Runbook, by: str = "", at: datetime | None = None) -> Runbook:
    """Keep `runbook`: as a new version, `by` somebody, when it says something new. Answers it with its version."""
    head = {"title": runbook.title, "is_active": runbook.is_active}
    made = {"content": rows.runbook_content(runbook), "created_by": by, "created_at": at}
    number, version_id = _put_version(tx, RunbookRow, RunbookVersionRow, "runbook", runbook.id, made, head)
    return rows.runbook(runbook.id, version_id, number, rows.runbook_content(runbook))


def put_policy(tx: Transaction, policy: Policy, by: str = "", at: datetime | None = None) -> Policy:
    """Keep `policy`: as a new version, `by` somebody, when it says something new. Answers it with its version."""
    head = {"name": policy.name, "is_active": policy.is_active}
    made = {"content": rows.policy_content(policy), "created_by": by, "created_at": at}
    number, version_id = _put_version(tx, PolicyRow, PolicyVersionRow, "policy", policy.id, made, head)
    return rows.policy(policy.id, version_id, number, rows.policy_content(policy))


def _put(tx: Transaction, model: type[SQLModel], values: dict[str, Any]) -> None:
    _begin(tx)
    target = table(model)
    tx.execute(delete(target).where(target.c.id == values["id"]))
    bulk.insert_many(tx, target, [values])


def _drop(tx: Transaction, model: type[SQLModel], identity: str) -> None:
    _begin(tx)
    target = table(model)
    tx.execute(delete(target).where(target.c.id == identity))


def _put_version(
    tx: Transaction,
    head: type[SQLModel],
    version: type[SQLModel],
    owner: str,
    identity: str,
    made: dict[str, Any],
    names: dict[str, Any],
) -> tuple[int, str]:
    _begin(tx)
    heads, versions = table(head), table(version)
    last = tx.execute(
        select(versions).where(versions.c[owner] == identity).order_by(versions.c.version.desc()).limit(1)
    ).first()
    if last is not None and _same(last.content, made["content"]):
        return last.version, last.id
    number, version_id = (last.version + 1 if last else 1), new_id()
    values = {**names, "current_version": version_id}
    if last is None:
        tx.execute(insert(heads).values(id=identity, **values))
    tx.execute(insert(versions).values({"id": version_id, owner: identity, "version": number, **made}))
    if last is not None:
        tx.execute(update(heads).where(heads.c.id == identity).values(values))
    return number, version_id


def _same(kept: dict[str, Any], new: dict[str, Any]) -> bool:
    return bool(kept == json.loads(json.dumps(new)))
