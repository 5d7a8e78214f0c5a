"""People kept by hand. Whoever history names is deactivated and never deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from domain import organisation as rules
from domain.clock import Clock
from domain.contacts import Contact
from domain.directory import Directory
from domain.errors import Conflict, Fault, Invalid
from domain.people import Actor, Permission, Person, Role
from domain.preferences import Preferences
from handlers.catalog.edits import check_current, check_unused, digest, keep, named, record
from handlers.catalog.phones import e164, region_of
from handlers.incidents.service import permit
from handlers.people.checks import LAST_ADMIN, as_formed, check_person, uses
from handlers.people.forms import PersonForm
from storage import audit, catalog, incidents, notifications, postmortem_actions, trials
from storage.identifiers import new_id
from storage.store import Store, Transaction, serialise

NEW = Person(id="", handle="", name="")


@dataclass(frozen=True, slots=True)
class Editing:
    """A person with what the catalog says; `seen` tells what the form began from."""

    person: Person
    directory: Directory
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """A person as they are now; `is_gone` when they were deleted."""

    person: Person
    directory: Directory
    is_changed: bool = True
    is_gone: bool = False


class PeopleService:
    """Look, write, take away. `admins` are the Slack ids that are admins whatever the catalog says; `locale` tells
    which country a phone number without one is from. `wake` is called after a change."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        wake: Callable[[], None],
        admins: frozenset[str] = frozenset(),
        locale: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._admins = admins
        self._region = region_of(locale)

    def now(self) -> datetime:
        """The time, for who is on call."""
        return self._clock.now()

    async def show(self, person: str) -> Editing:
        """A person as they are. Raises NotFound."""
        directory = await self._store.read(catalog.directory)
        return Editing(named(directory.people, person, "person"), directory)

    async def begin(self, person: str, actor: Actor, *, slack: str = "") -> Editing:
        """A person to change, "" for a new one, who may have a Slack id already. Raises Forbidden, NotFound."""
        permit(actor, Permission.PEOPLE)
        if not person:
            directory = await self._store.read(catalog.directory)
            is_free = rules.SLACK.fullmatch(slack) and directory.person_by_slack(slack) is None
            # Who adds themselves stays the admin that they are.
            new = replace(NEW, slack=slack, name=actor.name, role=Role.ADMIN) if is_free else NEW
            return Editing(new, directory)
        found = await self.show(person)
        return replace(found, seen=digest(found.person))

    async def save(self, person: str, seen: str, actor: Actor, form: PersonForm) -> Saved:
        """A person as the form says. Raises Invalid by field, Outdated when somebody was faster, InUse, Forbidden."""
        permit(actor, Permission.PEOPLE)

        def work(tx: Transaction) -> Saved:
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            before = named(directory.people, person, "person") if person else None
            if before:
                check_current(tx, directory, before, seen)
            after = self._said(form, before)
            try:
                check_person(tx, before, after, directory, self._admins, self._faults(after, form))
            except Invalid as error:
                raise Invalid(as_formed(fault) for fault in error.faults) from None
            is_changed = keep(tx, actor, before, after, catalog.put_person, self._clock.now())
            return Saved(after, catalog.directory(tx), is_changed)

        return await self._changed(work)

    async def remove(self, person: str, actor: Actor) -> Saved:
        """Without this person: deleted, or deactivated when history names them. Raises InUse, Conflict, Forbidden."""
        permit(actor, Permission.PEOPLE)
        before = (await self.show(person)).person
        # All that happened is read for it, when nothing names them: alerts and pages go on meanwhile.
        is_history = await self._store.browse(lambda tx: _is_history(tx, before))

        def work(tx: Transaction) -> Saved:
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            before = named(directory.people, person, "person")
            check_unused(uses(tx, before, directory))
            if not self._admins and rules.is_last_admin(before, None, directory):
                raise Conflict(LAST_ADMIN)
            if is_history:
                after = replace(before, is_active=False)
                keep(tx, actor, before, after, catalog.put_person, self._clock.now())
                return Saved(after, directory)
            catalog.drop_person(tx, before)
            trials.forget(tx, before.id)
            record(tx, actor, "delete", before, None, self._clock.now())
            return Saved(before, directory, is_gone=True)

        return await self._changed(work)

    async def _changed(self, work: Callable[[Transaction], Saved]) -> Saved:
        saved = await self._store.write(work)
        self._wake()
        return saved

    def _said(self, form: PersonForm, before: Person | None) -> Person:
        slack = form.slack if form.slack is not None else (before.slack if before else "")
        return Person(
            id=before.id if before else new_id(),
            handle=form.handle,
            name=form.name,
            email=form.email,
            phone=e164(form.phone, self._region) if form.phone else "",
            slack=slack,
            role=form.role,
            locale=form.locale,
            is_active=form.is_active,
            preferences=before.preferences if before else Preferences(),
        )

    def _faults(self, after: Person, form: PersonForm) -> Iterator[Fault]:
        if form.phone and not after.phone:
            yield Fault(Contact.PHONE, "must be a number with its country, such as +33600000001")


def _is_history(tx: Transaction, person: Person) -> bool:
    """Whether what happened once names this person: it must go on to say who that was."""
    did = incidents.names(tx, person.id, person.slack) or audit.names(tx, f"person:{person.id}")
    return did or notifications.names(tx, person.id) or postmortem_actions.names(tx, person.id)
