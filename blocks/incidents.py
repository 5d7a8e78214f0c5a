"""An incident as people see it: the card, its copies in direct messages, the resolve form and the summary.

What, how bad, what to do next, in that order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from blocks import kit
from blocks.drill_marks import banner
from blocks.escalations import NextStep as NextStep
from blocks.escalations import named, next_words
from blocks.incident_buttons import buttons
from blocks.kit import Block, Message
from blocks.mentions import channel
from blocks.own_notes import note_of
from blocks.runbooks import progress
from blocks.severities import SIGNS
from blocks.severities import severity_name as severity_name
from blocks.severities import severity_words as severity_words
from blocks.spans import hour, plain_hour
from blocks.text import one_line
from blocks.words import Words, words
from domain.incidents import Incident, Status
from domain.kpis import Kpis
from domain.runbooks import Run, Runbook

_DESCRIPTION_SHOWN, _DESCRIPTION_IN_PAGE = 500, 200
_HEADING_SHOWN = 1500
_NOTE_SHOWN = 1500
_CHOICES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything the card shows at `now`. `zone` is for times where Slack can't use the reader's."""

    incident: Incident
    service: str
    team: str
    now: datetime
    locale: str = "en"
    zone: str = "UTC"
    taken_at: datetime | None = None
    """Since when whoever has it has it: the incident itself knows the first acknowledgement."""
    main: str = ""
    """Of a duplicate, the short id of the incident that goes on."""
    run: Run | None = None
    choice: tuple[Runbook, ...] = ()
    next: NextStep | None = None
    is_exhausted: bool = False
    has_policy: bool = True
    on_call: tuple[str, ...] = ()
    firing: int = 1
    alerts: int = 1
    speed: int = 1
    """How much faster a drill's time passes."""
    lead: str = ""
    """Who was named to lead; "" while it is whoever has it."""
    communications: str = ""
    room: str = ""
    """The channel of its war room, by id; "" while there is none to go to."""
    is_room_held: bool = False
    """Whether a storm holds its war room back."""


def card(card: Card) -> Message:
    """The incident in the team's channel."""
    say = words(card.locale)
    incident = card.incident
    blocks = [kit.header(title_of(incident)), *banner(incident, card.speed, say), kit.facts(facts(card, say))]
    if incident.description.strip() and incident.is_open:
        blocks.append(kit.paragraph(incident.description, _DESCRIPTION_SHOWN))
    blocks += [*_outlook(card, say), *kit.actions(buttons(incident, card.next, say)), *_runbook(card, say)]
    blocks += _ending(incident, say) + _source(incident, say)
    return Message(headline(card, say), blocks)


def direct_message(card: Card, heading: str, thread: str = "") -> Message:
    """The same for one person, or a further channel: the policy's words first, then the facts and the buttons, and the
    way to the `thread`, where the runbook is: an address, or a channel's id.

    Once somebody has it, that comes first and the policy's words are history.
    """
    say = words(card.locale)
    incident = card.incident
    said = kit.paragraph(heading, _HEADING_SHOWN)
    title = kit.section(f"*{_mark(incident)} {kit.name(_told(incident), 500)}*")
    is_waiting = incident.status is Status.TRIGGERED
    first = [said, title] if is_waiting else [kit.section(f"*{headline(card, say)}*"), said]
    blocks = [*first, *banner(incident, card.speed, say), kit.facts(facts(card, say))]
    if incident.description.strip() and incident.is_open:
        blocks.append(kit.paragraph(incident.description, _DESCRIPTION_IN_PAGE))
    blocks += [*_outlook(card, say), *kit.actions(buttons(incident, card.next, say))]
    blocks += _ending(incident, say) + _way(thread, say) + _source(incident, say)
    return Message(kit.lock_screen(heading) if is_waiting else headline(card, say), blocks)


def headline(card: Card, say: Words) -> str:
    """One line: what, how bad, what to do. It is what a lock screen shows."""
    incident = card.incident
    what = kit.lock_screen(title_of(incident), 150)
    said = {"what": what, "id": incident.short_id, "name": kit.name(_holder(incident), 60)}
    match incident.status:
        case Status.TRIGGERED:
            return say.say("{what} ({id}). Nobody has it yet: acknowledge it.", **said)
        case Status.RESOLVED if card.main:
            return say.say("{what} ({id}) is a duplicate of {main}.", **said, main=card.main)
        case Status.RESOLVED:
            return say.say("{what} ({id}) is resolved by {name}.", **said)
        case Status.MITIGATED:
            return say.say("{what} ({id}) is mitigated; {name} has it.", **said)
        case Status.ACKNOWLEDGED if incident.snoozed_until:
            time = plain_hour(incident.snoozed_until, card.now, card.zone, say)
            return say.say("{what} ({id}) is snoozed by {name} until {time}.", **said, time=time)
        case Status.ACKNOWLEDGED:
            return say.say("{what} ({id}): {name} has it.", **said)


def _holder(incident: Incident) -> str:
    """Who ended it, or who has it; a change that nobody is known for is Vigie's."""
    by = incident.resolved_by if incident.status is Status.RESOLVED else incident.acknowledged_by
    return by or "Vigie"


def _mark(incident: Incident) -> str:
    if incident.duplicate_of:
        return "🔗"
    return "✅" if incident.status is Status.RESOLVED else SIGNS[incident.severity]


def _told(incident: Incident) -> str:
    return f"{severity_name(incident.severity)} · {one_line(incident.title)}"


def title_of(incident: Incident) -> str:
    """ "🔴 SEV1 · Redis is down" """
    return f"{_mark(incident)} {_told(incident)}"


def facts(card: Card, say: Words) -> list[tuple[str, str]]:
    """What there is to know of an incident at a glance: label and value."""
    incident = card.incident
    service = " · ".join(kit.name(part) for part in (card.service, card.team) if part)
    created = say.clock(incident.created_at, card.zone)
    opened = f"{kit.ago(incident.created_at, created)} ({kit.moment(incident.created_at, created)})"
    pairs = [
        (say.say("Status"), _status(card, say)),
        (say.say("Severity"), severity_words(incident.severity, say)),
        (say.say("Service"), service or "–"),
        (say.say("Incident"), incident.short_id),
        (say.say("Opened"), opened),
    ]
    if card.on_call and incident.status is Status.TRIGGERED:
        pairs.append((say.say("On call"), named(card.on_call, say)))
    if card.alerts > 1 and incident.is_open:
        firing = say.say("{firing} of {alerts} still firing", firing=card.firing, alerts=card.alerts)
        pairs.append((say.say("Alerts"), firing))
    if card.lead:
        pairs.append((say.say("Lead"), kit.name(card.lead)))
    if card.communications:
        pairs.append((say.say("Tells the others"), kit.name(card.communications)))
    if card.room and incident.is_open:
        pairs.append((say.say("War room"), channel(card.room)))
    elif card.is_room_held and incident.is_open:
        pairs.append((say.say("War room"), say.say("made once somebody has it (storm)")))
    if incident.resolved_at:
        pairs.append((say.say("Lasted"), say.span(incident.resolved_at - incident.created_at)))
    return pairs


def _status(card: Card, say: Words) -> str:
    incident = card.incident
    who = kit.person(_holder(incident), incident.acknowledged_slack)
    match incident.status:
        case Status.TRIGGERED:
            return say.say("❗ Nobody has it yet")
        case Status.RESOLVED if card.main:
            return say.say("🔗 Duplicate of {main}", main=card.main)
        case Status.RESOLVED:
            return say.say("Resolved by {name}", name=kit.name(_holder(incident)))
        case Status.MITIGATED:
            return say.say("Mitigated; {name} has it", name=who)
        case Status.ACKNOWLEDGED if incident.snoozed_until:
            time = hour(incident.snoozed_until, card.now, card.zone, say)
            return say.say("💤 Snoozed by {name} until {time}", name=who, time=time)
        case Status.ACKNOWLEDGED:
            taken_at = card.taken_at or incident.acknowledged_at or incident.created_at
            after = taken_at - incident.created_at
            return say.say("{name} has it, after {time}", name=who, time=say.span(after))


def _ending(incident: Incident, say: Words) -> list[Block]:
    """What was done and why it happened, once it is over."""
    if incident.is_open:
        return []
    told = (
        (say.say("What mended it"), note_of(incident.resolution_note, say)),
        (say.say("Root cause"), incident.root_cause),
    )
    return [kit.section(f"*{label}*\n{kit.escape(text, _NOTE_SHOWN)}") for label, text in told if text.strip()]


def _source(incident: Incident, say: Words) -> list[Block]:
    """A link to where the alert comes from; nothing when its address is not one of the web."""
    label = say.say("Open the message") if incident.source == "slack" else say.say("Open the alert's source")
    linked = kit.link(incident.url, label)
    return [kit.context(linked)] if linked != kit.name(label) else []


def _way(thread: str, say: Words) -> list[Block]:
    if not thread:
        return []
    label = say.say("🧵 The incident's thread")
    return [kit.context(kit.link(thread, label) if "://" in thread else f"🧵 {channel(thread)}")]


def _runbook(card: Card, say: Words) -> list[Block]:
    """How far the runbook is; or the choice between those that fit as well as each other."""
    if card.run is None:
        return _choice(card, say)
    return [kit.section(progress(card.run, say, is_open=card.incident.is_open))]


def _choice(card: Card, say: Words) -> list[Block]:
    if len(card.choice) < 2 or not card.incident.is_open:
        return []
    buttons = [
        kit.button(f"📖 {book.title}", f"runbook.start.v1.{n}", f"{card.incident.id}:{book.version_id}")
        for n, book in enumerate(card.choice[:_CHOICES])
    ]
    return [kit.section(say.say("📖 *Several runbooks fit.* Choose one:")), *kit.actions(buttons)]


def _outlook(card: Card, say: Words) -> list[Block]:
    """What happens if nobody acknowledges; nothing once somebody has."""
    if card.incident.status is not Status.TRIGGERED:
        return []
    if not card.has_policy:
        text = say.say("🚨 *No escalation policy: nobody else will be paged.* Acknowledge it, or call somebody.")
        return [kit.section(text)]
    if card.next is None:
        text = say.say("🚨 *The escalation policy has no further step.* Acknowledge it, or call somebody.")
        return [kit.section(text)] if card.is_exhausted else []
    due = card.next.due_at
    said = {"what": next_words(card.next, say), "time": hour(due, card.now, card.zone, say)}
    if due - card.now < timedelta(seconds=30):
        return [kit.section(say.say("⏭️ Next: {what}, now", **said))]
    return [kit.section(say.say("⏭️ Next: {what}, at {time}", **said))]


def resolved_summary(card: Card, kpis: Kpis) -> Message:
    """What was done, why it happened, and the three figures; a drill has a report of its own."""
    say = words(card.locale)
    incident = card.incident
    pairs = [(say.say("Resolved by"), kit.name(_holder(incident)))]
    if not incident.is_drill:
        pairs += [
            (say.say("Time to detect (MTTD)"), _length(kpis.mttd_seconds, say)),
            (say.say("Time to acknowledge (MTTA)"), _length(kpis.mtta_seconds, say)),
            (say.say("Time to resolve (MTTR)"), _length(kpis.mttr_seconds, say)),
        ]
    title = say.say("{id} is resolved", id=incident.short_id)
    first = kit.section(say.say("{label}: {value}", label=f"✅ *{title}*", value=kit.name(_told(incident), 500)))
    opener = kit.button(say.say("📝 Post-mortem"), "postmortem.open.v1", incident.id)
    return Message(headline(card, say), [first, *_ending(incident, say), kit.facts(pairs), *kit.actions([opener])])


def _length(seconds: float | None, say: Words) -> str:
    return say.say("never acknowledged") if seconds is None else say.span(timedelta(seconds=seconds))
