"""How people are reached, and whether that was ever proved: a code goes to the contact, and comes back typed. Pure.

What is not verified is used all the same: a page that may be lost is better than one that is not sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.directory import Directory
from domain.people import Person
from domain.policies import Channel


class Contact(StrEnum):
    """What a person proves to be theirs. A Slack id needs no proof: an admin links it, or the address finds it."""

    PHONE = "phone"
    EMAIL = "email"

    @property
    def channel(self) -> Channel:
        """How a code gets there."""
        return Channel.SMS if self is Contact.PHONE else Channel.EMAIL


GOOD_FOR = timedelta(minutes=10)
MOST_TRIES = 5
MOST_CODES = 3
"""As many in `GOOD_FOR`: nobody's phone is flooded through Vigie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code asked for. `hashes` are those of what was sent so far, `failure` why nothing went out."""

    id: str
    person: str
    contact: Contact
    address: str
    made_at: datetime
    tries: int = 0
    salt: str
    hashes: tuple[str, ...] = ()
    is_used: bool = False
    failure: str = ""

    def is_good(self, now: datetime) -> bool:
        """Whether it can still be typed in."""
        return not self.is_used and now - self.made_at < GOOD_FOR


def address_of(person: Person, contact: Contact) -> str:
    """The address that a contact of somebody's has, "" for none."""
    return person.phone if contact is Contact.PHONE else person.email


def unverified(person: Person, directory: Directory) -> tuple[Contact, ...]:
    """The contacts that somebody has and has not proved."""
    return tuple(
        contact
        for contact in Contact
        if address_of(person, contact) and not directory.is_verified(person.id, address_of(person, contact))
    )
