"""The forms by which people open an incident, or keep a message in one's timeline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from blocks import inputs, kit
from blocks.incidents import severity_name, severity_words
from blocks.inputs import Option
from blocks.kit import Block, Message
from blocks.words import words
from domain.incidents import Incident, Severity

CALLBACK = "incident.declare.v1"
NOTE_CALLBACK = "incident.note_from.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the declare form shows. `services` are all of them or, past a hundred, none: then it is searched in.

    `policy` and `runbooks` are names of what fits, `team` who is paged; `origin` is where it was spoken of.
    """

    services: Sequence[Option]
    service: Option | None = None
    severity: Severity = Severity.SEV2
    title: str = ""
    description: str = ""
    origin: str = ""
    team: str = ""
    channel: str = ""
    policy: str = ""
    runbooks: tuple[str, ...] = field(default=())


def title(locale: str) -> str:
    return words(locale).say("Declare an incident")


def form(shown: Form, locale: str) -> Block:
    """Title, service, severity, description; and what sending it sets off."""
    say = words(locale)
    label = say.say("Service")
    service = (
        inputs.menu("service", label, shown.services, chosen=shown.service.value if shown.service else "", is_live=True)
        if shown.services
        else inputs.search_menu("service", label, chosen=shown.service, is_live=True)
    )
    severities = [Option(one.value, severity_words(one, say)) for one in Severity]
    blocks = [
        inputs.with_text(kit.text_input("title", say.say("What is wrong?"), limit=250), shown.title),
        service,
        inputs.menu("severity", say.say("How bad is it?"), severities, chosen=shown.severity.value, is_live=True),
        *_what_follows(shown, locale),
        inputs.with_text(
            kit.text_input("description", say.say("What is known so far"), multiline=True, optional=True),
            shown.description,
        ),
    ]
    return kit.modal(
        title(locale),
        blocks,
        callback=CALLBACK,
        submit=say.say("Declare"),
        close=say.say("Cancel"),
        metadata=json.dumps({"origin": shown.origin[:1000]}),
    )


def _what_follows(shown: Form, locale: str) -> list[Block]:
    """Who is paged by which policy, and which runbook waits: seen before it is sent."""
    say = words(locale)
    if shown.service is None:
        return [kit.context(say.say("Choose a service to see who is paged."))]
    place = say.say("📣 {team}, in {channel}", team=kit.name(shown.team), channel=kit.name(shown.channel))
    team = place if shown.team else say.say("📣 No team answers for it")
    policy = (
        say.say("⏫ Escalation policy: {name}", name=kit.name(shown.policy))
        if shown.policy
        else say.say("🚨 No escalation policy: nobody else will be paged")
    )
    runbook = (
        say.say("📖 Runbook: {titles}", titles=kit.name(", ".join(shown.runbooks), 300))
        if shown.runbooks
        else say.say("📖 No runbook fits")
    )
    return [{**kit.context(team, policy, runbook), "block_id": "follows"}]


def declared(incident: Incident, locale: str) -> Block:
    """What the one who declared sees in the modal's place."""
    say = words(locale)
    text = say.say(
        "{id} is open. Its card is on its way to {channel}.",
        id=incident.short_id,
        channel=incident.channel or say.say("its team's channel"),
    )
    return kit.modal(title(locale), [kit.paragraph(text)], callback="notice.v1", close=say.say("Close"))


def note_title(locale: str) -> str:
    return words(locale).say("Add to the timeline")


def note_form(open_incidents: Sequence[Incident], chosen: str, text: str, locale: str) -> Block:
    """Which incident, and the message's words, which may be changed."""
    say = words(locale)
    if not open_incidents:
        return kit.modal(
            note_title(locale),
            [kit.paragraph(say.say("No incident is open."))],
            callback="notice.v1",
            close=say.say("Close"),
        )
    options = [
        Option(one.id, f"{one.short_id} · {severity_name(one.severity)} · {one.title}") for one in open_incidents
    ]
    blocks = [
        inputs.menu("incident", say.say("Incident"), options, chosen=chosen or options[0].value),
        inputs.with_text(kit.text_input("text", say.say("Note"), multiline=True, limit=2000), text),
    ]
    return kit.modal(note_title(locale), blocks, callback=NOTE_CALLBACK, submit=say.say("Add"), close=say.say("Cancel"))


def noted(incident: Incident, locale: str) -> Message:
    """The answer to `/incident note`."""
    say = words(locale)
    text = say.say("Kept in the timeline of {id}.", id=incident.short_id)
    return Message(text, [kit.section(text)])
