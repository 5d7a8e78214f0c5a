"""What every change of people, teams and services made by hand has in common: it is compared with what its form began
from, and told to the audit log, the catalog and open Home tabs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from domain.directory import Directory
from domain.errors import Fault, InUse, Invalid, NotFound, Outdated
from domain.organisation import rules_that_follow
from domain.people import Actor, Person, Service, Team
from handlers.catalog.sorts import content
from storage import audit, catalog, homes
from storage.store import Transaction

Value = TypeVar("Value", Person, Team, Service)


def digest(value: Value) -> str:
    """What a form began from, in a few letters."""
    return hashlib.sha256(json.dumps(content(value), sort_keys=True).encode()).hexdigest()[:16]


def named(things: dict[str, Value], key: str, kind: str) -> Value:
    """The thing with this id. Raises NotFound."""
    found = things.get(key)
    if found is None:
        raise NotFound(f"that {kind} is no longer there")
    return found


def check(faults: Iterable[Fault]) -> None:
    """Raises Invalid with every fault."""
    found = list(faults)
    if found:
        raise Invalid(found)


def check_unused(uses: Iterable[str]) -> None:
    """Raises InUse with everything that needs it."""
    found = list(uses)
    if found:
        raise InUse(found)


def check_current(tx: Transaction, directory: Directory, current: Value, seen: str) -> None:
    """Raises Outdated, with who it was, when somebody changed it since the form was opened."""
    if digest(current) == seen:
        return
    key = audit.latest_actor(tx, subject_of(current))
    person = directory.people.get(key.removeprefix("person:"))
    who = person.name if person else "somebody"
    raise Outdated(f"{who} changed this meanwhile: look at it again before you save")


def subject_of(value: Person | Team | Service) -> str:
    """What the audit log calls it."""
    if isinstance(value, Person):
        return f"person {value.handle}"
    return f"{'team' if isinstance(value, Team) else 'service'} {value.name}"


def record(tx: Transaction, actor: Actor, verb: str, before: Value | None, after: Value | None, now: datetime) -> None:
    """Note a change and show it. The last thing in a transaction: Home tabs are refreshed."""
    about = after or before
    assert about is not None
    subject = subject_of(about)
    was, is_now = (content(one) if one else None for one in (before, after))
    audit.record(tx, actor, f"{subject.partition(' ')[0]}.{verb}", subject, was, is_now, now)
    catalog.touch(tx)
    homes.refresh(tx, now)


def keep(
    tx: Transaction,
    actor: Actor,
    before: Value | None,
    after: Value,
    put: Callable[[Transaction, Value], None],
    now: datetime,
) -> bool:
    """`after` in the catalog; whether that says anything new."""
    if before == after:
        return False
    if before:
        follow(tx, actor, after, now)
    put(tx, after)
    record(tx, actor, "save", before, after, now)
    return True


def follow(tx: Transaction, actor: Actor, after: Person | Team | Service, now: datetime) -> None:
    """Let alert rules follow `after`, which is not kept yet."""
    before = catalog.directory(tx)
    if isinstance(after, Team):
        let_follow(tx, actor, before, replace(before, teams=before.teams | {after.id: after}), now)
    elif isinstance(after, Service):
        let_follow(tx, actor, before, replace(before, services=before.services | {after.id: after}), now)


def let_follow(tx: Transaction, actor: Actor, before: Directory, after: Directory, now: datetime) -> None:
    """Alert rules name services and teams: of what has another name from now on, they say that one."""
    for was, rule in rules_that_follow(before, after):
        catalog.put_alert_rule(tx, rule)
        audit.record(tx, actor, "alert rule.save", f"alert rule {rule.name}", content(was), content(rule), now)
