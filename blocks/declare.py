"""Declaring an incident: the form, what follows from it before it is sent, and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from blocks import kit
from blocks.incidents import severity_words
from blocks.kit import Block
from blocks.menus import MOST_OPTIONS, Choice, menu
from blocks.words import Words, words
from domain.incidents import Incident, Severity
from domain.policies import Policy
from domain.runbooks import Runbook

CALLBACK = "incident.declare.v1"
SERVICE = "incident.declare.service.v1"
SEVERITY = "incident.declare.severity.v1"
TITLE_LIMIT = 150
DESCRIPTION_LIMIT = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What stands in the form so far. `metadata` is what it carries that nobody types."""

    title: str = ""
    description: str = ""
    service: str = ""
    severity: Severity | None = None
    metadata: str = ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an incident as the form has it would get: where its card goes, who is paged, which runbook."""

    channel: str
    policy: Policy | None
    runbooks: tuple[Runbook, ...]


def declare_title(locale: str) -> str:
    return words(locale).say("Declare an incident")


def declare_form(form: Form, services: Sequence[Choice], foreseen: Foreseen | None, locale: str) -> Block:
    """Title first: a thumb and a sentence are enough. `services` are all there are; with more than a menu holds,
    they are asked for as somebody types."""
    say = words(locale)
    blocks = [
        kit.text_input("title", say.say("What is wrong?"), limit=TITLE_LIMIT, value=form.title),
        _severity(form, say),
        *_service(form, services, say),
        kit.text_input(
            "description",
            say.say("What is seen, since when"),
            multiline=True,
            optional=True,
            limit=DESCRIPTION_LIMIT,
            value=form.description,
        ),
        {**kit.section(outlook(foreseen, say)), "block_id": "outlook"},
    ]
    return kit.modal(
        declare_title(locale),
        blocks,
        callback=CALLBACK,
        submit=say.say("Declare"),
        close=say.say("Cancel"),
        metadata=form.metadata,
    )


def _severity(form: Form, say: Words) -> Block:
    choices = [Choice(severity_words(severity, say), severity.value) for severity in Severity]
    chosen = form.severity.value if form.severity else ""
    return menu("severity", say.say("How bad is it?"), SEVERITY, choices, chosen=chosen, is_watched=True)


def _service(form: Form, services: Sequence[Choice], say: Words) -> list[Block]:
    if not services:
        return []
    made = menu(
        "service",
        say.say("Service"),
        SERVICE,
        services,
        chosen=form.service,
        optional=True,
        hint=say.say("Not sure? Leave it empty: somebody will sort it out."),
        is_asked_for=len(services) > MOST_OPTIONS,
        is_watched=True,
    )
    return [made]


def outlook(foreseen: Foreseen | None, say: Words) -> str:
    """What happens when it is sent."""
    if foreseen is None:
        return say.say("Choose how bad it is, and this says who is paged and which runbook comes.")
    place = kit.name(foreseen.channel)
    lines = [_policy(foreseen.policy, say), _runbook(foreseen.runbooks, say)]
    return "\n".join([*lines, say.say("💬 Its card comes in {channel}.", channel=place)] if place else lines)


def _policy(policy: Policy | None, say: Words) -> str:
    if policy is None or not policy.live_steps:
        return say.say("🚨 *No escalation policy fits: nobody will be paged.*")
    steps = say.count("{n} step", "{n} steps", len(policy.live_steps))
    return say.say("📣 Escalation: *{name}*, {steps}", name=kit.name(policy.name), steps=steps)


def _runbook(runbooks: tuple[Runbook, ...], say: Words) -> str:
    if not runbooks:
        return say.say("📖 No runbook fits.")
    if len(runbooks) > 1:
        names = ", ".join(kit.name(book.title, 60) for book in runbooks[:5])
        return say.say("📖 Several runbooks fit, to choose from on the card: {titles}", titles=names)
    steps = say.count("{n} step", "{n} steps", len(runbooks[0].steps))
    return say.say("📖 Runbook: *{title}*, {steps}", title=kit.name(runbooks[0].title), steps=steps)


def declared(incident: Incident, locale: str) -> Block:
    """The form's answer: what it is called from now on, and where its card is."""
    say = words(locale)
    said = {"id": incident.short_id, "channel": incident.channel}
    if incident.channel:
        text = say.say("{id} is declared. Its card comes in {channel}.", **said)
    else:
        text = say.say("{id} is declared. Its team has no channel: see /incident show {id}.", **said)
    title = declare_title(locale)
    return kit.modal(title, [kit.paragraph(text)], callback="notice.v1", close=say.say("Close"))


def note_title(locale: str) -> str:
    return words(locale).say("Add to the timeline")


def quoted(name: str, text: str, link: str, locale: str) -> str:
    """A message as a note: who wrote what, and where it stands."""
    said = words(locale).say("{name} wrote: {text}", name=name, text=text) if name else text
    return f"{said}\n{link}".strip()


def note_form(text: str, incidents: Sequence[Incident], locale: str) -> Block:
    """Which incident's timeline a message goes to. There is at least one."""
    say = words(locale)
    choices = [Choice(f"{one.short_id} · {one.title}", one.id) for one in incidents]
    blocks = [
        kit.paragraph(text, 500),
        menu("incident", say.say("Incident"), "incident.note.choice.v1", choices, chosen=_only(incidents)),
    ]
    return kit.modal(
        note_title(locale),
        blocks,
        callback="incident.note.v1",
        submit=say.say("Add"),
        close=say.say("Cancel"),
        metadata=text,
    )


def _only(incidents: Sequence[Incident]) -> str:
    return incidents[0].id if len(incidents) == 1 else ""
