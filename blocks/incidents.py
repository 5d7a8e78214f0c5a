"""An incident as people see it: the card, its copies in direct messages, the resolve form and the summary.

What, how bad, what to do next, in that order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from blocks import kit
from blocks.kit import Block, Confirm, Message
from blocks.text import one_line
from blocks.words import Words, words
from domain.incidents import Incident, Severity, Status
from domain.kpis import Kpis
from domain.policies import Channel
from domain.runbooks import Run, Runbook, RunState, StepState

_SIGNS = {Severity.SEV1: "🔴", Severity.SEV2: "🟠", Severity.SEV3: "🟡", Severity.SEV4: "🔵"}
_DESCRIPTION_SHOWN = 700
_CHOICES = 5


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens next if nobody acknowledges: when, by which channels, to whom by name."""

    due_at: datetime
    channels: tuple[Channel, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything the card shows at `now`. `zone` is for times where Slack can't use the reader's."""

    incident: Incident
    service: str
    team: str
    now: datetime
    locale: str = "en"
    zone: str = "UTC"
    run: Run | None = None
    choice: tuple[Runbook, ...] = ()
    next: NextStep | None = None
    is_exhausted: bool = False
    has_policy: bool = True
    on_call: tuple[str, ...] = ()
    firing: int = 1
    alerts: int = 1


def severity_name(severity: Severity) -> str:
    """ "SEV1": what people say aloud."""
    return severity.value.split("_")[0]


def card(card: Card) -> Message:
    """The incident in the team's channel."""
    say = words(card.locale)
    incident = card.incident
    blocks = [kit.header(_title(incident)), kit.facts(_facts(card, say))]
    if incident.description and incident.is_open:
        blocks.append(kit.paragraph(incident.description, _DESCRIPTION_SHOWN))
    blocks += [kit.section(line) for line in (*_runbook(card, say), *_outlook(card, say)) if line]
    blocks += kit.actions(_buttons(card, say))
    if incident.url:
        blocks.append(kit.context(kit.link(incident.url, say.say("Open the alert's source"))))
    return Message(headline(card, say), blocks)


def direct_message(card: Card, heading: str) -> Message:
    """The same for one person, or a further channel: the policy's words first, then the facts and the buttons."""
    say = words(card.locale)
    incident = card.incident
    blocks = [kit.paragraph(heading, 1500)]
    blocks.append(kit.section(f"{_SIGNS[incident.severity]} *{kit.escape(_title(incident, sign=False))}*"))
    blocks.append(kit.facts(_facts(card, say)))
    blocks += [kit.section(line) for line in _outlook(card, say) if line]
    blocks += kit.actions(_buttons(card, say))
    return Message(kit.lock_screen(heading) if incident.status is Status.TRIGGERED else headline(card, say), blocks)


def headline(card: Card, say: Words) -> str:
    """One line: what, how bad, what to do. It is what a lock screen shows."""
    incident = card.incident
    what = kit.lock_screen(_title(incident))
    match incident.status:
        case Status.TRIGGERED:
            return say.say("{what} ({id}). Nobody has it yet: acknowledge it.", what=what, id=incident.short_id)
        case Status.RESOLVED:
            by = kit.lock_screen(incident.resolved_by)
            return say.say("{what} ({id}) is resolved by {name}.", what=what, id=incident.short_id, name=by)
        case _:
            by = kit.lock_screen(incident.acknowledged_by)
            return say.say("{what} ({id}): {name} has it.", what=what, id=incident.short_id, name=by)


def _title(incident: Incident, *, sign: bool = True) -> str:
    mark = "✅" if incident.status is Status.RESOLVED else _SIGNS[incident.severity]
    told = f"{severity_name(incident.severity)} · {incident.title}"
    return f"{mark} {told}" if sign else told


def _facts(card: Card, say: Words) -> list[tuple[str, str]]:
    incident = card.incident
    service = kit.escape(card.service) + (f" ({kit.escape(card.team)})" if card.team else "")
    created = say.clock(incident.created_at, card.zone)
    opened = f"{kit.ago(incident.created_at, created)} · {kit.moment(incident.created_at, created)}"
    pairs = [
        (say.say("Status"), _status(card, say)),
        (say.say("Service"), service or "–"),
        (say.say("Incident"), incident.short_id),
        (say.say("Opened"), opened),
    ]
    if card.alerts > 1 and incident.is_open:
        firing = say.say("{firing} firing of {alerts}", firing=card.firing, alerts=card.alerts)
        pairs.append((say.say("Alerts"), firing))
    if incident.status is Status.RESOLVED:
        pairs += _ending(incident, say)
    return pairs


def _status(card: Card, say: Words) -> str:
    incident = card.incident
    match incident.status:
        case Status.TRIGGERED:
            return say.say("Nobody has it yet")
        case Status.RESOLVED:
            return say.say("Resolved by {name}", name=kit.escape(incident.resolved_by))
        case _:
            who = kit.person(incident.acknowledged_by, incident.acknowledged_slack)
            after = say.span(incident.acknowledged_at - incident.created_at) if incident.acknowledged_at else ""
            return say.say("Acknowledged by {name} after {time}", name=who, time=after)


def _ending(incident: Incident, say: Words) -> list[tuple[str, str]]:
    ended = incident.resolved_at or incident.created_at
    pairs = [(say.say("Lasted"), say.span(ended - incident.created_at))]
    if incident.resolution_note:
        pairs.append((say.say("What mended it"), kit.escape(incident.resolution_note)))
    if incident.root_cause:
        pairs.append((say.say("Root cause"), kit.escape(incident.root_cause)))
    return pairs


def _runbook(card: Card, say: Words) -> list[str]:
    """How far the runbook is, in a line."""
    if card.run is None:
        return [say.say("📖 *Several runbooks fit.* Choose one:")] if card.choice and card.incident.is_open else []
    run, total = card.run, len(card.run.steps)
    title = kit.escape(run.runbook.title)
    if run.state is not RunState.RUNNING or run.current is None:
        done = sum(step.state is StepState.DONE for step in run.steps)
        return [say.say("📖 *{title}*: finished, {done} of {total} steps done", title=title, done=done, total=total)]
    written, _ = run.step(run.current)
    place = [step.order for step in run.steps].index(run.current) + 1
    step = kit.escape(written.title)
    return [say.say("📖 *{title}*: step {place}/{total}, {step}", title=title, place=place, total=total, step=step)]


def _outlook(card: Card, say: Words) -> list[str]:
    """What happens if nobody acknowledges; nothing once somebody has."""
    if card.incident.status is not Status.TRIGGERED:
        return []
    if not card.has_policy:
        return [say.say("⚠️ *No escalation policy: nobody else will be paged.* Acknowledge it, or call somebody.")]
    if card.next is None:
        text = say.say("⚠️ *The escalation policy has no further step.* Acknowledge it, or call somebody.")
        return [text] if card.is_exhausted else []
    minutes = (card.next.due_at - card.now).total_seconds() / 60
    said = {"what": next_words(card.next, say), "time": _at(card, say)}
    if minutes < 0.5:
        return [say.say("⏭️ Next: {what} now", **said)]
    return [say.say("⏭️ Next: {what} in {minutes} (at {time})", minutes=say.minutes(minutes), **said)]


def _at(card: Card, say: Words) -> str:
    assert card.next is not None
    return kit.clock_time(card.next.due_at, say.clock(card.next.due_at, card.zone))


def next_words(step: NextStep, say: Words, tidy: Callable[[str], str] = kit.escape) -> str:
    """ "SMS and direct message to Ada Admin"; `tidy` makes a name fit where it stands."""
    shown = tuple(tidy(name) for name in step.names[:4])
    if len(step.names) > len(shown):
        more = len(step.names) - len(shown)
        shown = (*shown, say.count("{n} other", "{n} others", more))
    channels = say.listed(tuple(channel_name(channel, step.names, say) for channel in step.channels))
    return say.say("{channels} to {names}", channels=channels, names=say.listed(shown))


def channel_name(channel: Channel, names: tuple[str, ...], say: Words) -> str:
    """How a channel is called in a sentence."""
    is_place = all(name.startswith("#") for name in names)
    return {
        Channel.SLACK: say.say("message") if is_place else say.say("direct message"),
        Channel.SMS: say.say("SMS"),
        Channel.EMAIL: say.say("e-mail"),
        Channel.PHONE: say.say("telephone call"),
    }[channel]


def _buttons(card: Card, say: Words) -> list[Block]:
    incident = card.incident
    if not incident.is_open:
        return []
    made: list[Block] = []
    if incident.status is Status.TRIGGERED:
        made.append(kit.button(say.say("Acknowledge"), "incident.acknowledge.v1", incident.id, style="primary"))
    made.append(kit.button(say.say("Resolve"), "incident.resolve.v1", incident.id))
    if incident.status is Status.TRIGGERED and card.next is not None:
        made.append(_escalate(card, say))
    if card.run is None:
        made += [
            kit.button(f"📖 {book.title}", f"runbook.start.v1.{n}", f"{incident.id}:{book.version_id}")
            for n, book in enumerate(card.choice[:_CHOICES])
        ]
    return made


def _escalate(card: Card, say: Words) -> Block:
    assert card.next is not None
    dialog = Confirm(
        say.say("Escalate now?"),
        say.say("This sends now: {what}.", what=next_words(card.next, say, one_line)),
        say.say("Escalate now"),
        say.say("Cancel"),
    )
    return kit.button(say.say("Escalate now"), "incident.escalate.v1", card.incident.id, confirm=dialog)


def resolve_title(locale: str) -> str:
    return words(locale).say("Resolve the incident")


def resolve_form(incident: Incident, locale: str) -> Block:
    """Asks for the note, and the root cause if it is known already."""
    say = words(locale)
    blocks = [
        kit.paragraph(f"{incident.short_id} · {incident.title}", 300),
        kit.text_input(
            "note", say.say("What mended it?"), multiline=True, hint=say.say("One line is enough; the team reads it.")
        ),
        kit.text_input("root_cause", say.say("Root cause, if known"), multiline=True, optional=True),
    ]
    return kit.modal(
        resolve_title(locale),
        blocks,
        callback="incident.resolve.v1",
        submit=say.say("Resolve"),
        close=say.say("Cancel"),
        metadata=incident.id,
    )


def loading(title: str, locale: str, callback: str = "loading.v1") -> Block:
    """A modal that is open before anything is known."""
    say = words(locale)
    return kit.modal(title, [kit.section(say.say("One moment…"))], callback=callback, close=say.say("Cancel"))


def notice(title: str, text: str, locale: str) -> Block:
    """A modal that only says something."""
    say = words(locale)
    return kit.modal(title, [kit.paragraph(text)], callback="notice.v1", close=say.say("Close"))


def resolved_summary(card: Card, kpis: Kpis) -> Message:
    """What was done, why it happened, and the three figures."""
    say = words(card.locale)
    incident = card.incident
    pairs = [(say.say("Resolved by"), kit.escape(incident.resolved_by)), *_ending(incident, say)[1:]]
    pairs += [
        (say.say("Time to detect"), _length(kpis.mttd_seconds, say)),
        (say.say("Time to acknowledge"), _length(kpis.mtta_seconds, say)),
        (say.say("Time to resolve"), _length(kpis.mttr_seconds, say)),
    ]
    title = say.say("{id} is resolved", id=incident.short_id)
    blocks = [kit.section(f"✅ *{title}*: {kit.escape(incident.title)}"), kit.facts(pairs)]
    return Message(headline(card, say), blocks)


def _length(seconds: float | None, say: Words) -> str:
    if seconds is None:
        return say.say("not acknowledged")
    return say.say("{n} s", n=round(seconds)) if seconds < 60 else say.minutes(seconds / 60)
