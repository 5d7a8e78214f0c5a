"""How people are reached: each changes their own, an admin everybody's; codes prove that it is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

from domain import organisation as rules
from domain.clock import Clock
from domain.contacts import GOOD_FOR, MOST_CODES, MOST_TRIES, Code, Contact, address_of
from domain.directory import Directory
from domain.errors import Conflict, Fault, Forbidden, Invalid
from domain.people import Actor, Permission, Person, may
from domain.policies import Channel
from domain.reach import NOT_SET_UP
from handlers.catalog.edits import check, check_current, digest, keep, named
from handlers.catalog.phones import e164, region_of
from handlers.contacts import codes
from handlers.contacts.forms import ContactForm
from storage import audit, catalog, contacts, homes, outbox
from storage.identifiers import new_id
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction, serialise

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reached:
    """How somebody is reached. `failures` say why the last code for a contact did not go out."""

    person: Person
    directory: Directory
    seen: str
    failures: dict[Contact, str]
    is_changed: bool = True


@dataclass(frozen=True, slots=True)
class Minted:
    """A code on its way, in the only place where it stands in clear. `locale` is its reader's, "" when nobody knows."""

    locale: str
    contact: Contact
    address: str
    digits: str


class Try(Enum):
    """What became of a code that somebody typed."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_OLD = "too old"
    TOO_MANY = "too many"


class ContactService:
    """Look, change, prove. `channels` are those that are set up, `locale` is the installation's. `wake` is called
    after a change."""

    def __init__(
        self, store: Store, clock: Clock, wake: Callable[[], None], channels: frozenset[Channel], locale: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._channels = channels
        self._region = region_of(locale)

    async def show(self, person: str, actor: Actor) -> Reached:
        """How somebody is reached. Raises NotFound, Forbidden."""
        return await self._store.read(lambda tx: self._reached(tx, _permitted(tx, person, actor)))

    async def save(self, person: str, seen: str, actor: Actor, form: ContactForm) -> Reached:
        """As the form says. Raises Invalid by field, Outdated when somebody was faster, Forbidden."""

        def work(tx: Transaction) -> Reached:
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            before = _permitted(tx, person, actor)
            check_current(tx, directory, before, seen)
            phone = e164(form.phone, self._region) if form.phone else ""
            said = form.wishes.of(before.preferences) if form.wishes else before.preferences
            after = replace(before, phone=phone, email=form.email, locale=form.locale, preferences=said)
            check(_faults(after, form, directory))
            is_changed = keep(tx, actor, before, after, catalog.put_person, self._clock.now())
            return replace(self._reached(tx, after), is_changed=is_changed)

        return await self._changed(work)

    async def send(self, person: str, contact: Contact, actor: Actor) -> Reached:
        """A code to a contact. Raises Conflict when there is nothing to prove, or too many were sent, Forbidden."""

        def work(tx: Transaction) -> Reached:
            serialise(tx, "codes")
            found, now = _permitted(tx, person, actor), self._clock.now()
            address = address_of(found, contact)
            if not address:
                raise Conflict("there is nothing to verify: the address is missing")
            if catalog.directory(tx).is_verified(found.id, address):
                raise Conflict("this is verified already")
            if contact.channel not in self._channels:
                raise Conflict(NOT_SET_UP[contact.channel])
            if contacts.codes_since(tx, found.id, contact, now - GOOD_FOR) >= MOST_CODES:
                raise Conflict("three codes went out within ten minutes: wait before you ask for another")
            code = Code(
                id=new_id(), person=found.id, contact=contact, address=address, made_at=now, salt=codes.new_salt()
            )
            contacts.add_code(tx, code)
            outbox.put(tx, [Parcel(kind=Kind.CODE, incident="", subject=code.id, due_at=now)])
            return self._reached(tx, found)

        return await self._changed(work)

    async def mint(self, code: str) -> Minted | None:
        """The digits of a code that is about to leave; None when nobody waits for it any more.

        Each attempt has its own: what an earlier one may have sent is good too.
        """

        def work(tx: Transaction) -> Minted | None:
            found = contacts.find_code(tx, code)
            if found is None or not found.is_good(self._clock.now()):
                return None
            directory = catalog.directory(tx)
            person = directory.people.get(found.person)
            latest = contacts.latest_code(tx, found.person, found.contact)
            is_theirs = person is not None and address_of(person, found.contact) == found.address
            if person is None or not is_theirs or latest is None or latest.id != found.id:
                return None
            digits = codes.new_code()
            contacts.set_hashes(tx, found, (*found.hashes, codes.hashed(digits, found.salt)))
            return Minted(directory.language_of(person), found.contact, found.address, digits)

        return await self._store.write(work)

    async def verify(self, person: str, contact: Contact, typed: str, actor: Actor) -> Reached:
        """A code, typed in. Raises Invalid when it is not the one, or is none any more, Forbidden."""
        digits = codes.digits(typed)
        if not digits:
            raise Invalid([Fault("code", "type the six digits of the code")])

        def work(tx: Transaction) -> tuple[Try, int, Reached]:
            serialise(tx, "catalog")
            found = _permitted(tx, person, actor)
            tried, left = self._try(tx, found, contact, digits, actor)
            return tried, left, self._reached(tx, found)

        # Raised after the transaction: a wrong try must stay counted.
        tried, left, reached = await self._changed(work)
        if tried is not Try.RIGHT:
            raise Invalid([Fault("code", _REFUSED.get(tried, f"that is not the code; tries left: {left}"))])
        return reached

    def _try(self, tx: Transaction, person: Person, contact: Contact, digits: str, actor: Actor) -> tuple[Try, int]:
        code, now = contacts.latest_code(tx, person.id, contact), self._clock.now()
        if code is None or not code.is_good(now) or code.address != address_of(person, contact):
            return Try.TOO_OLD, 0
        if code.tries >= MOST_TRIES:
            return Try.TOO_MANY, 0
        if not codes.is_one_of(digits, code.salt, code.hashes):
            contacts.note_try(tx, code)
            left = MOST_TRIES - code.tries - 1
            return (Try.WRONG if left else Try.TOO_MANY), left
        contacts.use(tx, code)
        contacts.verify(tx, person.id, contact, code.address, now)
        audit.record(tx, actor, "person.verify", f"person {person.handle}", None, {contact.value: code.address}, now)
        catalog.touch(tx)
        homes.refresh(tx, now)
        return Try.RIGHT, 0

    def _reached(self, tx: Transaction, person: Person) -> Reached:
        latest = {contact: contacts.latest_code(tx, person.id, contact) for contact in Contact}
        failures = {
            contact: code.failure
            for contact, code in latest.items()
            if code and code.failure and code.address == address_of(person, contact)
        }
        return Reached(person, catalog.directory(tx), digest(person), failures)

    async def _changed(self, work: Callable[[Transaction], Result]) -> Result:
        result = await self._store.write(work)
        self._wake()
        return result


_REFUSED = {
    Try.TOO_OLD: "this code is too old: ask for another",
    Try.TOO_MANY: "too many wrong codes: ask for another",
}


def _permitted(tx: Transaction, person: str, actor: Actor) -> Person:
    """The person, whom `actor` may change: themselves, or anybody for an admin. Raises NotFound, Forbidden."""
    found = named(catalog.directory(tx).people, person, "person")
    if actor.person != person and not may(actor.role, Permission.PEOPLE):
        raise Forbidden("only an admin changes how others are reached")
    return found


def _faults(after: Person, form: ContactForm, directory: Directory) -> Iterator[Fault]:
    yield from rules.contact_faults(after, directory)
    yield from form.wishes.faults() if form.wishes else ()
    if form.phone and not after.phone:
        yield Fault(Contact.PHONE, "must be a number with its country, such as +33600000001")
