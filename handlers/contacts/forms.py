"""Pure: what the forms of contacts send, turned into arguments. Nothing in it is taken on trust."""

from __future__ import annotations

from dataclasses import dataclass

from domain.contacts import Contact
from domain.organisation import LONGEST_EMAIL, LONGEST_PHONE
from handlers import forms
from handlers.forms import Body
from handlers.people.forms import locale


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactForm:
    """Contacts as a form says them; `phone` as it was typed."""

    phone: str
    email: str
    locale: str


def contacts(body: Body) -> ContactForm:
    """What the form of somebody's contacts says."""
    return ContactForm(
        phone=forms.typed(body, Contact.PHONE)[:LONGEST_PHONE],
        email=forms.typed(body, Contact.EMAIL)[:LONGEST_EMAIL],
        locale=locale(body),
    )


def asked(text: str) -> tuple[str, Contact]:
    """The person and the contact that a button or a view names as `person|contact`."""
    person, _, contact = text.partition("|")
    return person, Contact(contact) if contact in list(Contact) else Contact.PHONE
