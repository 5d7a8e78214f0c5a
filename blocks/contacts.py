"""How somebody is reached, in a modal of their own: what is proved, what is not yet, and the code that proves it."""

from __future__ import annotations

from collections.abc import Mapping

from blocks import kit, preferences, text
from blocks import mail as letters
from blocks.kit import Block
from blocks.notifications import MailWords
from blocks.organisation import language, language_name
from blocks.timeline import REASONS
from blocks.words import Words, words
from domain.contacts import GOOD_FOR, Contact, address_of, unverified
from domain.directory import Directory
from domain.organisation import LONGEST_EMAIL, LONGEST_PHONE
from domain.people import Person

FIELDS = {Contact.PHONE.value: "phone", Contact.EMAIL.value: "email", "locale": "locale", **preferences.FIELDS}
CODE_FIELDS = {"code": "code"}
_ADDRESS_SHOWN = 150
_REASON_SHOWN = 200
_MINUTES = int(GOOD_FOR.total_seconds()) // 60


def title(locale: str) -> str:
    return words(locale).say("How you are reached")


def masked(phone: str) -> str:
    """A phone number that its owner knows again and a passer-by can't call: its middle is hidden."""
    return f"{phone[:4]}…{phone[-2:]}" if len(phone) > 8 else "…"


def ways(person: Person, directory: Directory, say: Words, *, is_masked: bool) -> list[tuple[str, str]]:
    """Label and value of each way to somebody; what is missing or not proved is said, before a night finds it out."""
    missing = say.say("none ⚠️")
    slack = "✅" if is_masked else kit.person(person.name, person.slack)
    return [
        (say.say("Slack"), slack if person.slack else missing),
        *((_label(contact, say), _way(person, contact, directory, say, is_masked) or missing) for contact in Contact),
    ]


def _label(contact: Contact, say: Words) -> str:
    return say.say("Phone") if contact is Contact.PHONE else say.say("E-mail")


def _way(person: Person, contact: Contact, directory: Directory, say: Words, is_masked: bool) -> str:
    address = address_of(person, contact)
    if not address:
        return ""
    is_hidden = is_masked and contact is Contact.PHONE
    shown = kit.escape(masked(address) if is_hidden else address, _ADDRESS_SHOWN)
    if directory.is_verified(person.id, address):
        return f"{shown} ✅"
    return say.say("{address} (not verified ⚠️)", address=shown)


def shown(
    person: Person,
    directory: Directory,
    failures: Mapping[Contact, str],
    locale: str,
    *,
    is_saved: bool = False,
) -> Block:
    """How somebody is reached, with what they can do about it."""
    say = words(locale)
    blocks = [kit.section(say.say("✅ Saved."))] if is_saved else []
    facts = [*ways(person, directory, say, is_masked=False), (say.say("Language"), language_name(person.locale, say))]
    facts += preferences.facts(person.preferences, say)
    blocks += [kit.header(person.name), kit.facts(facts)]
    open_ones = unverified(person, directory)
    if open_ones:
        told = say.say("What is not verified is used all the same. A code shows that it really reaches you.")
        blocks.append(kit.context(told))
    blocks += [kit.context(_failed(contact, failures[contact], say)) for contact in open_ones if contact in failures]
    buttons = [kit.button(say.say("Change"), "contacts.edit.v1", person.id)]
    buttons += [_asks(person, contact, say) for contact in open_ones]
    return kit.modal(
        title(locale), [*blocks, *kit.actions(buttons)], callback="contacts.show.v1", close=say.say("Close")
    )


def _asks(person: Person, contact: Contact, say: Words) -> Block:
    verify = say.say("Verify the phone") if contact is Contact.PHONE else say.say("Verify the e-mail address")
    return kit.button(verify, f"contacts.code.v1.{contact.value}", f"{person.id}|{contact.value}", style="primary")


def _failed(contact: Contact, reason: str, say: Words) -> str:
    told = kit.name(REASONS.translate(reason, say), _REASON_SHOWN)
    return say.say("⚠️ The last code by {label} did not go out: {reason}", label=_label(contact, say), reason=told)


def editor(person: Person, seen: str, locale: str) -> Block:
    """The form of somebody's contacts."""
    say = words(locale)
    blocks = [
        phone_input(person.phone, say),
        email_input(person.email, say),
        language(person.locale, say, say.say("The installation's language")),
        *preferences.fields(person.preferences, say),
        kit.context(say.say("A new phone or address pages you at once. Verify it then: a code is sent to it.")),
    ]
    return kit.modal(
        title(locale),
        blocks,
        callback="contacts.edit.v1",
        submit=say.say("Save"),
        close=say.say("Cancel"),
        metadata=f"{person.id}|{seen}",
    )


def phone_input(value: str, say: Words) -> Block:
    hint = say.say("With its country, such as +33 6 00 00 00 01: SMS go there.")
    return kit.text_input("phone", say.say("Phone"), optional=True, hint=hint, limit=LONGEST_PHONE, value=value)


def email_input(value: str, say: Words) -> Block:
    return kit.text_input("email", say.say("E-mail"), optional=True, limit=LONGEST_EMAIL, value=value)


def code_form(person: Person, contact: Contact, locale: str) -> Block:
    """Asks for the code that was just sent."""
    say = words(locale)
    address = kit.escape(address_of(person, contact), _ADDRESS_SHOWN)
    told = say.say("A code is on its way to *{address}*. It is good for {n} minutes.", address=address, n=_MINUTES)
    again = kit.button(
        say.say("Send another code"), f"contacts.code.v1.{contact.value}", f"{person.id}|{contact.value}"
    )
    asked = kit.text_input("code", say.say("The six digits"), limit=20)
    return kit.modal(
        title(locale),
        [kit.section(told), asked, *kit.actions([again])],
        callback="contacts.code.v1",
        submit=say.say("Verify"),
        close=say.say("Cancel"),
        metadata=f"{person.id}|{contact.value}",
    )


def code_sms(digits: str, locale: str) -> str:
    """The code as an SMS. It comes first: a phone shows it on its lock screen."""
    say = words(locale)
    told = say.say("{code} is your Vigie code, good for {n} minutes.", code=digits, n=_MINUTES)
    return text.sms(told, say.say("Not asked for? Ignore it."))


def code_mail(digits: str, locale: str) -> MailWords:
    """The code as a mail."""
    say = words(locale)
    heading = say.say("Your Vigie code: {code}", code=digits)
    plain, html = letters.render(
        heading=heading,
        body=say.say("Type it in Slack within {n} minutes: Vigie then knows that its mails reach you.", n=_MINUTES),
        footer=say.say("If you did not ask for it, ignore this mail."),
        language=say.language,
    )
    return MailWords(heading, plain, html)
