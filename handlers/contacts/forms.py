"""Pure: what the forms of contacts send, turned into arguments. Nothing in it is taken on trust."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.channels import Channel
from domain.contacts import Contact
from domain.errors import Fault
from domain.organisation import LONGEST_EMAIL, LONGEST_PHONE
from domain.preferences import NEVER_QUIET, Preferences, Quiet
from domain.severities import Severity
from domain.wall_clock import is_zone
from handlers import forms
from handlers.forms import Body
from handlers.people.forms import locale


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactForm:
    """Contacts as a form says them; `phone` as it was typed."""

    phone: str
    email: str
    locale: str
    wishes: Wishes | None
    """None in a form of another version, which did not ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How somebody wants to be reached. `quiet` is the severity at which it begins, None for never; `keeps_quiet` when
    what is written in the catalog stays."""

    order: tuple[Channel, ...]
    quiet: Severity | None
    keeps_quiet: bool
    quiet_by: tuple[Channel, ...]
    timezone: str
    test_pages: bool

    def of(self, before: Preferences) -> Preferences:
        """The preferences that this makes of those of before."""
        quiet = (Quiet(self.quiet, self.quiet_by),) if self.quiet else ()
        return Preferences(self.order, before.quiet if self.keeps_quiet else quiet, self.timezone, self.test_pages)

    def faults(self) -> Iterator[Fault]:
        """What is wrong with them, by field."""
        if self.quiet and not self.quiet_by:
            yield Fault("quiet_by", "choose what may still reach you")
        if self.timezone and not is_zone(self.timezone):
            yield Fault("timezone", "must be a time zone such as Europe/Paris")


def contacts(body: Body) -> ContactForm:
    """What the form of somebody's contacts says."""
    return ContactForm(
        phone=forms.typed(body, Contact.PHONE)[:LONGEST_PHONE],
        email=forms.typed(body, Contact.EMAIL)[:LONGEST_EMAIL],
        locale=locale(body),
        wishes=_wishes(body) if forms.has(body, "quiet") else None,
    )


def _wishes(body: Body) -> Wishes:
    chosen = forms.chosen(body, "quiet")
    severity = Severity(chosen) if chosen in list(Severity) else None
    return Wishes(
        order=_channels(body, "order"),
        quiet=None if severity is NEVER_QUIET else severity,
        keeps_quiet=chosen == "kept",
        quiet_by=_channels(body, "quiet_by"),
        timezone=forms.typed(body, "timezone")[:60],
        test_pages="on" in forms.ticked(body, "test_pages"),
    )


def _channels(body: Body, block: str) -> tuple[Channel, ...]:
    return tuple(dict.fromkeys(Channel(one) for one in forms.ticked(body, block) if one in list(Channel)))


def asked(text: str) -> tuple[str, Contact]:
    """The person and the contact that a button or a view names as `person|contact`."""
    person, _, contact = text.partition("|")
    return person, Contact(contact) if contact in list(Contact) else Contact.PHONE
