"""A person in modals: read by everybody, written by admins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from blocks import inputs, kit, organisation
from blocks.contacts import email_input, phone_input, ways
from blocks.findings import to_mend
from blocks.kit import Block
from blocks.words import Words, words
from domain.contacts import unverified
from domain.directory import Directory
from domain.organisation import LONGEST_HANDLE, LONGEST_NAME
from domain.organisation_lint import lint_person
from domain.people import Actor, Permission, Person, Role, Team, may
from domain.reach import EVERYTHING

FIELDS = {name: name for name in ("name", "handle", "email", "phone", "slack", "role", "locale", "flags")}
_TEAMS_SHOWN = 20


def title(locale: str) -> str:
    return words(locale).say("Person")


def role_name(role: Role, say: Words) -> str:
    """A role as people read it."""
    return {
        Role.VIEWER: say.say("viewer"),
        Role.RESPONDER: say.say("responder"),
        Role.OPERATOR: say.say("operator"),
        Role.ADMIN: say.say("admin"),
    }[role]


def shown(person: Person, directory: Directory, actor: Actor, now: datetime, locale: str) -> Block:
    """Somebody to read: how they are reached, and which teams they are in. A phone number is whole for its owner and
    for admins."""
    say = words(locale)
    is_own, is_admin = actor.person == person.id, may(actor.role, Permission.PEOPLE)
    facts = [
        *ways(person, directory, say, is_masked=not (is_own or is_admin)),
        (say.say("Role"), role_name(person.role, say)),
        (say.say("Language"), organisation.language_name(person.locale, say)),
    ]
    if person.slack:
        facts[0] = (say.say("Slack"), kit.person(person.name, person.slack))
    blocks = [kit.header(person.name), kit.context(_about(person, say)), kit.facts(facts)]
    blocks.append(kit.section(_teams(person, directory, now, say)))
    buttons = [] if not (is_own or is_admin) else [_reached(person, directory, say)]
    if is_admin:
        blocks += to_mend(lint_person(person, directory, EVERYTHING), locale)
        warning = say.say("they are deleted, or switched off when the past names them.")
        buttons += organisation.changes("person", person.id, person.name, warning, say)
    blocks += kit.actions(buttons)
    return kit.modal(title(locale), blocks, callback="person.show.v1", close=say.say("Close"), metadata=person.id)


def _about(person: Person, say: Words) -> str:
    handle = f"@{kit.name(person.handle, LONGEST_HANDLE)}"
    return handle if person.is_active else say.say("{handle} · inactive: nobody pages them", handle=handle)


def _reached(person: Person, directory: Directory, say: Words) -> Block:
    style = "primary" if unverified(person, directory) else ""
    return kit.button(say.say("Contacts"), "contacts.show.v1", person.id, style=style)


def _teams(person: Person, directory: Directory, now: datetime, say: Words) -> str:
    teams = sorted(directory.teams.values(), key=lambda team: team.name.casefold())
    lines = [line for team in teams if (line := _team(person, team, directory, now, say))]
    more = len(lines) - _TEAMS_SHOWN
    if more > 0:
        lines = [*lines[:_TEAMS_SHOWN], say.count("… and {n} more team", "… and {n} more teams", more)]
    return "\n".join([say.say("*Teams*"), *(lines or [say.say("none")])])


def _team(person: Person, team: Team, directory: Directory, now: datetime, say: Words) -> str:
    """What somebody is in a team, "" when they are nothing in it."""
    in_rotation = person.id in directory.ever_on_call(team.id)
    is_on_call = any(one.id == person.id for one in directory.on_call(team.id, now))
    parts = [
        say.say("lead") if team.lead == person.id else "",
        say.say("member") if person.id in team.members else "",
        say.say("📟 on call now") if is_on_call else (say.say("takes turns on call") if in_rotation else ""),
    ]
    told = ", ".join(part for part in parts if part)
    return "• " + say.say("{label}: {value}", label=kit.name(team.name, 80), value=told) if told else ""


def editor(person: Person, seen: str, locale: str) -> Block:
    """The form of a person; an id of "" is a new one."""
    say = words(locale)
    roles = [inputs.option(role_name(role, say), role.value) for role in Role]
    handle_hint = say.say("What files and policies call them, such as ada.")
    slack_hint = say.say("Left empty, their e-mail address finds them.")
    blocks = [
        kit.text_input("name", say.say("Name"), limit=LONGEST_NAME, value=person.name),
        kit.text_input("handle", say.say("Short name"), hint=handle_hint, limit=LONGEST_HANDLE, value=person.handle),
        inputs.labelled(
            "slack", say.say("Slack account"), inputs.user_picker(person.slack), optional=True, hint=slack_hint
        ),
        phone_input(person.phone, say),
        email_input(person.email, say),
        inputs.labelled("role", say.say("Role"), inputs.select(roles, person.role.value), hint=_roles(say)),
        organisation.language(person.locale, say, say.say("The installation's language")),
        inputs.labelled("flags", say.say("Use"), _flags(person, say), optional=True),
    ]
    return kit.modal(
        say.say("Edit the person") if person.id else say.say("New person"),
        blocks,
        callback="person.edit.v1",
        submit=say.say("Save"),
        close=say.say("Cancel"),
        metadata=f"{person.id}|{seen}",
    )


def _roles(say: Words) -> str:
    return say.say(
        "Viewers look. Responders acknowledge and do steps. Operators also resolve, declare and keep runbooks. "
        "Admins also keep policies, people and tokens."
    )


def _flags(person: Person, say: Words) -> Block:
    options = [inputs.option(say.say("Active: can be paged"), "active")]
    if person.id and person.slack:
        options.append(inputs.option(say.say("Take the Slack account away"), "unlink"))
    return inputs.checkboxes(options, ["active"] if person.is_active else [])


def saved(person: Person, directory: Directory, locale: str, *, is_changed: bool) -> Block:
    """What became of it: what is not proved yet is said at once."""
    say = words(locale)
    notes = []
    if unverified(person, directory):
        notes.append(say.say("⚠️ Not verified yet, and used all the same: they verify it from their Home tab."))
    if not person.slack:
        notes.append(say.say("No Slack account is linked yet: the e-mail address may find it."))
    return organisation.saved(title(locale), person.name, locale, is_changed=is_changed, notes=notes)


def removed(person: Person, locale: str, *, is_gone: bool) -> Block:
    """Whether somebody is deleted, or only switched off."""
    if is_gone:
        return organisation.removed(title(locale), person.name, locale)
    told = words(locale).say(
        "*{name}* is inactive: nobody pages them. The past names them, so they are not deleted.",
        name=kit.name(person.name),
    )
    return organisation.closing(title(locale), told, locale)


def asked(people: Sequence[Person], others: Sequence[str], say: Words) -> str:
    """Whom a stranger asks, as mentions; "" when nobody is known."""
    mentions = [kit.person(person.name, person.slack) for person in people[:5]]
    mentions += [kit.person("", slack) for slack in others[: max(5 - len(mentions), 0)]]
    return say.listed(tuple(mentions))
