"""A service in modals: read by everybody, written by admins."""

from __future__ import annotations

from blocks import inputs, kit, organisation, responses
from blocks.findings import to_mend
from blocks.kit import Block
from blocks.words import Words, words
from domain.directory import Directory
from domain.incidents import Severity
from domain.organisation import LONGEST_NAME
from domain.organisation_lint import lint_service
from domain.people import Actor, Permission, Service, may

FIELDS = {name: name for name in ("name", "aliases", "team", "flags", "stakeholders")}
_ALIASES_SHOWN = 30
_RUNBOOKS_SHOWN = 10
_LONGEST_ALIASES = 3000


def title(locale: str) -> str:
    return words(locale).say("Service")


def shown(service: Service, directory: Directory, actor: Actor, locale: str) -> Block:
    """A service to read: what alerts may call it, who answers for it, what is written for it."""
    say = words(locale)
    team = directory.teams.get(service.team)
    itself = say.say("by itself") if service.auto_resolve else say.say("by hand; the alert's end is only told")
    facts = [
        (say.say("Team"), kit.name(team.name, 80) if team else say.say("no team ⚠️")),
        (say.say("Resolves"), itself),
    ]
    aliases = ", ".join(kit.name(alias, 60) for alias in service.aliases[:_ALIASES_SHOWN])
    blocks = [
        kit.header(service.name),
        kit.facts(facts),
        kit.section("\n".join([say.say("*Also called*"), aliases or "–"])),
        kit.section("\n".join([say.say("*Runbooks*"), *(_runbooks(service, directory) or [say.say("none")])])),
        kit.section("\n".join([say.say("*Escalation policies*"), *_policies(service, directory, say)])),
    ]
    if may(actor.role, Permission.PEOPLE):
        blocks += to_mend(lint_service(service, directory), locale)
        warning = say.say("it is gone for good, and past incidents no longer show its name.")
        blocks += kit.actions(organisation.changes("service", service.id, service.name, warning, say))
    return kit.modal(title(locale), blocks, callback="service.show.v1", close=say.say("Close"), metadata=service.id)


def _runbooks(service: Service, directory: Directory) -> list[str]:
    titles = sorted(book.title for book in directory.runbooks.values() if book.service == service.id and book.is_active)
    return [f"• {kit.name(one, 100)}" for one in titles[:_RUNBOOKS_SHOWN]]


def _policies(service: Service, directory: Directory, say: Words) -> list[str]:
    """The policy that each severity gets."""
    lines = []
    for severity in Severity:
        policy = directory.policy_for(service.team, severity)
        name = kit.name(policy.name, 100) if policy else say.say("none ⚠️")
        lines.append("• " + say.say("{label}: {value}", label=severity.name, value=name))
    return lines


def editor(service: Service, directory: Directory, seen: str, locale: str) -> Block:
    """The form of a service; an id of "" is a new one."""
    say = words(locale)
    teams = sorted(directory.teams.values(), key=lambda team: team.name.casefold())
    options = [inputs.option(say.say("No team"), organisation.NOBODY)]
    options += [inputs.option(team.name, team.id) for team in teams]
    blocks = [
        kit.text_input(
            "name", say.say("Name"), hint=say.say("As alerts call it."), limit=LONGEST_NAME, value=service.name
        ),
        _aliases(service, say),
        inputs.labelled("team", say.say("Team"), inputs.select(options, service.team or organisation.NOBODY)),
        inputs.labelled("flags", say.say("Use"), _flags(service, say), optional=True),
        responses.stakeholders(service.stakeholders, say),
    ]
    return kit.modal(
        say.say("Edit the service") if service.id else say.say("New service"),
        blocks,
        callback="service.edit.v1",
        submit=say.say("Save"),
        close=say.say("Cancel"),
        metadata=f"{service.id}|{seen}",
    )


def _aliases(service: Service, say: Words) -> Block:
    """What else alerts call it; more of it than a field takes is not asked for."""
    listed = "\n".join(service.aliases)
    if len(listed) > _LONGEST_ALIASES:
        told = say.say("{n} other names: too many for a field. They stay as they are.", n=len(service.aliases))
        return kit.context(told)
    return kit.text_input(
        "aliases",
        say.say("Also called"),
        multiline=True,
        optional=True,
        hint=say.say("Other names that alerts use, one a line. Keep the old name here when you change it."),
        limit=_LONGEST_ALIASES,
        value=listed,
    )


def _flags(service: Service, say: Words) -> Block:
    told = inputs.option(say.say("Resolve when all alerts have ended"), "auto_resolve")
    return inputs.checkboxes([told], ["auto_resolve"] if service.auto_resolve else [])


def saved(service: Service, locale: str, *, is_changed: bool) -> Block:
    return organisation.saved(title(locale), service.name, locale, is_changed=is_changed)


def removed(service: Service, locale: str) -> Block:
    return organisation.removed(title(locale), service.name, locale)
