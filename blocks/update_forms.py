"""The reminder that a status update is due, the form for one, and the mail to stakeholders."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import inputs, kit, text
from blocks import mail as letters
from blocks.incidents import Card, headline, severity_name, severity_words, title_of
from blocks.kit import Block, Message
from blocks.notifications import MailWords, named
from blocks.updates import next_of, parts_of
from blocks.words import Words, words
from domain.incidents import Incident, Status
from domain.timeline import Entry
from domain.updates import LONGEST, Occasion

_SUBJECT_LIMIT = 200
_LISTED = 20
_CHOICES = (15, 30, 60, 120, 240)
"""Minutes to the next update that the form offers."""


def reminder(card: Card, *, is_waiting: bool) -> Message:
    """To whoever tells the others; it has buttons while it waits for its answer."""
    say, incident = words(card.locale), card.incident
    what = f"*{kit.name(title_of(incident))}* ({incident.short_id})"
    if not is_waiting:
        return Message(headline(card, say), [kit.section(f"{what}\n{headline(card, say)}")])
    asked = say.say("*A status update is due.* Tell those who wait how it stands.")
    buttons = [
        kit.button(say.say("Write the update"), "update.open.v1", incident.id, style="primary"),
        kit.button(say.say("In 15 min"), "update.snooze.v1", incident.id),
        kit.button(say.say("No more reminders"), "update.dismiss.v1", incident.id),
    ]
    lock = say.say("A status update on {id} is due.", id=incident.short_id)
    return Message(lock, [kit.section(f"{what}\n{asked}"), *kit.actions(buttons)])


def title(locale: str) -> str:
    return words(locale).say("Status update")


def form(incident: Incident, minutes: int, locale: str) -> Block:
    """What is known, whom it hurts, what is done, and when the next one comes; `minutes` is the usual time to it."""
    say = words(locale)
    fields = [
        kit.text_input("text", say.say("What we know"), multiline=True, limit=LONGEST),
        kit.text_input("impact", say.say("Impact"), multiline=True, optional=True, limit=LONGEST),
        kit.text_input("doing", say.say("What we do"), multiline=True, optional=True, limit=LONGEST),
    ]
    choices = [inputs.option(say.minutes(one), f"{one}m") for one in _CHOICES]
    usual = min(_CHOICES, key=lambda one: abs(one - minutes)) if minutes else 0
    chosen = inputs.select(choices, f"{usual}m")
    blocks = [
        kit.paragraph(f"{incident.short_id} · {incident.title}", 300),
        *fields,
        inputs.labelled("next", say.say("Next update in"), chosen, optional=True),
        kit.context(say.say("It goes to the thread, the channel, the war room and the stakeholders.")),
    ]
    return kit.modal(
        title(locale),
        blocks,
        callback="update.post.v1",
        submit=say.say("Tell them"),
        close=say.say("Cancel"),
        metadata=incident.id,
    )


def posted(incident: Incident, locale: str) -> Message:
    """The answer to whoever told it by a command."""
    told = words(locale).say("📣 Told: the update on {id} is out.", id=incident.short_id)
    return Message(told, [kit.section(told)])


def letter(card: Card, occasion: Occasion, entry: Entry | None, main: str) -> MailWords:
    """What a stakeholder reads, who is not paged: what, how bad, what comes next. `main` is the short id of the
    incident that this one is a duplicate of."""
    say, incident = words(card.locale), card.incident
    what = named(incident, text.one_line(incident.title), say)
    lines = [
        (say.say("Status"), _status(incident, say)),
        (say.say("Severity"), severity_words(incident.severity, say)),
        (say.say("Service"), card.service or "–"),
        (say.say("Opened"), say.say("{time} ({zone})", time=say.date(incident.created_at, card.zone), zone=card.zone)),
    ]
    if incident.resolved_at:
        lines.append((say.say("Lasted"), say.span(incident.resolved_at - incident.created_at)))
    heading = {
        Occasion.OPENING: say.say("An incident has begun"),
        Occasion.UPDATE: say.say("Status update"),
        Occasion.RESOLUTION: say.say("The incident is over"),
    }[occasion]
    plain, html = letters.render(
        heading=f"{heading} · {what}",
        lines=lines,
        body=_body(incident, occasion, entry, main, card.zone, say),
        footer=say.say(
            "You get this as a stakeholder of {service}. No answer is needed.", service=card.service or card.team
        ),
        language=say.language,
    )
    return MailWords(text.clip(f"[Vigie] {what}", _SUBJECT_LIMIT), plain, html)


def round_up(cards: Sequence[Card]) -> MailWords:
    """What a stakeholder reads about many incidents that came or went together: `cards` come the worst first."""
    say = words(cards[0].locale)
    going_on = [card for card in cards if card.incident.is_open]
    lines = [
        f"{severity_name(one.incident.severity)} {one.incident.short_id} "
        f"{text.clip(text.one_line(one.incident.title), 120)} · {_status(one.incident, say)}"
        for one in cards[:_LISTED]
    ]
    if len(cards) > _LISTED:
        lines.append(say.count("… and {n} more incident", "… and {n} more incidents", len(cards) - _LISTED))
    if going_on:
        worst = going_on[0].incident
        told = named(worst, text.clip(text.one_line(worst.title), 120), say)
        heading = say.count(
            "{n} incident under way, worst {worst}",
            "{n} incidents under way, worst {worst}",
            len(going_on),
            worst=told,
        )
    else:
        heading = say.count("{n} incident is over", "{n} incidents are over", len(cards))
    over = len(cards) - len(going_on)
    facts = [(say.say("Over"), str(over))] if going_on and over else []
    plain, html = letters.render(
        heading=heading,
        lines=facts,
        body="\n".join(lines),
        footer=say.say(
            "They came so fast that they are in one mail. You get it as a stakeholder; no answer is needed."
        ),
        language=say.language,
    )
    return MailWords(text.clip(f"[Vigie] {heading}", _SUBJECT_LIMIT), plain, html)


def _status(incident: Incident, say: Words) -> str:
    """How it stands, for somebody who can't do anything about it."""
    name = text.one_line(incident.acknowledged_by) or "Vigie"
    match incident.status:
        case Status.TRIGGERED:
            return say.say("The team is being paged")
        case Status.ACKNOWLEDGED:
            return say.say("{name} works on it", name=name)
        case Status.MITIGATED:
            return say.say("It no longer hurts; {name} mends the cause", name=name)
        case Status.RESOLVED:
            return say.say("It is over")


def _body(incident: Incident, occasion: Occasion, entry: Entry | None, main: str, zone: str, say: Words) -> str:
    if occasion is Occasion.OPENING:
        return say.say("The team is being told. Updates come by e-mail.")
    if occasion is Occasion.UPDATE and entry is not None:
        told = [_part(label, said, say) for label, said in parts_of(entry, say)]
        due = next_of(entry)
        if due:
            told.append(say.say("Next update: {time} ({zone})", time=say.date(due, zone), zone=zone))
        return "\n\n".join(told)
    if main:
        return say.say("It was a duplicate of {id}: news come about that one.", id=main)
    return "\n\n".join(
        _part(label, said, say)
        for label, said in (
            (say.say("What mended it"), incident.resolution_note),
            (say.say("Root cause"), incident.root_cause),
        )
        if said.strip()
    )


def _part(label: str, said: str, say: Words) -> str:
    return "\n".join((say.say("{label}:", label=label), said))
