"""What a change of a person must not do, from Slack as over the API: inside the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from domain import organisation as rules
from domain.directory import Directory
from domain.errors import Fault
from domain.people import Person
from domain.policies import Target, TargetType
from handlers.catalog.edits import check, check_unused
from storage import escalations, incidents, versions
from storage.store import Transaction

LAST_ADMIN = "nobody could administer Vigie any more: make somebody else an admin first"


def check_person(
    tx: Transaction,
    before: Person | None,
    after: Person,
    directory: Directory,
    admins: frozenset[str],
    further: Iterable[Fault] = (),
) -> None:
    """Raises Invalid by field, InUse when somebody whom something needs is switched off. `admins` are Slack ids of
    admins, whatever the catalog says; `further` faults are told with the others."""
    found = [*rules.person_faults(after, before, directory), *further, *_last_admin(before, after, directory, admins)]
    if before and before.handle.casefold() != after.handle.casefold():
        found += islice(_pinned(tx, before), 1)
    check(found)
    if before and before.is_active and not after.is_active:
        check_unused(uses(tx, before, directory))


def _last_admin(before: Person | None, after: Person, directory: Directory, admins: frozenset[str]) -> Iterator[Fault]:
    if before and not admins and rules.is_last_admin(before, after, directory):
        yield Fault("role" if after.role is not before.role else "is_active", LAST_ADMIN)


def _pinned(tx: Transaction, person: Person) -> Iterator[Fault]:
    """Open incidents that climb a version of a policy in which a step pages this very handle."""
    target = Target(TargetType.USER, person.handle.casefold())
    for short_id, version in escalations.of_open(tx):
        meant = (step.target for step in versions.policy(tx, version).live_steps)
        if any(replace(one, value=one.value.casefold().removeprefix("@")) == target for one in meant):
            yield Fault("handle", f"the incident {short_id} is open and pages this handle: resolve it first")


def uses(tx: Transaction, person: Person, directory: Directory) -> Iterator[str]:
    """Everything that needs somebody."""
    yield from rules.uses_of_person(person, directory)
    for short_id in incidents.open_of_person(tx, person.id, person.slack):
        yield f"the incident {short_id} is open"


def as_formed(fault: Fault) -> Fault:
    """A fault where the form in Slack has the field: whether somebody is active is one of its flags."""
    return replace(fault, field="flags") if fault.field == "is_active" else fault
