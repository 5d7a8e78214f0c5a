"""What one person is told when an incident's life takes a turn, and the forms that ask whom or what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from blocks import inputs, kit
from blocks.incidents import Card, headline, severity_words, title_of
from blocks.inputs import labelled
from blocks.kit import Block, Message
from blocks.lifecycle_lines import LINES
from blocks.menus import Choice, menu
from blocks.words import Words, words
from domain.incidents import Incident, Severity
from domain.timeline import Entry, Event


def word(card: Card, entry: Entry, until: datetime | None) -> Message | None:
    """A direct message about `entry`. `until` is when it triggers again, while an answer is waited for."""
    say = words(card.locale)
    if entry.event is Event.ASKED:
        return _question(card, entry, until, say)
    line = LINES.get(entry.event)
    if line is None:
        return None
    told = line(entry, say)
    is_taken = entry.details.get("former") and entry.event is not Event.MITIGATED
    rest = say.say("It is no longer yours.") if is_taken else ""
    what = f"*{kit.name(title_of(card.incident))}* ({card.incident.short_id})"
    return Message(f"{told} {rest}".strip(), [kit.section(f"{what}\n{told} {rest}".strip())])


def _question(card: Card, entry: Entry, until: datetime | None, say: Words) -> Message:
    incident = card.incident
    silence = say.minutes(int(entry.details.get("minutes", 0)))
    what = f"*{kit.name(title_of(incident))}* ({incident.short_id})"
    if until is None:
        return Message(headline(card, say), [kit.section(f"{what}\n{headline(card, say)}")])
    time = kit.clock_time(until, say.clock(until, card.zone))
    asked = say.say("*Are you still on it?* No step, no note for {time}.", time=silence)
    else_ = say.say("Without an answer it triggers again at {time}.", time=time)
    yes = kit.button(say.say("Still on it"), "incident.still.v1", incident.id, style="primary")
    back = kit.button(say.say("Give it back"), "incident.give_back.v1", incident.id)
    lock = say.say("Are you still on {id}? {what}", id=incident.short_id, what=kit.lock_screen(incident.title, 150))
    return Message(lock, [kit.section(f"{what}\n{asked} {else_}"), *kit.actions([yes, back])])


def reassign_title(locale: str) -> str:
    return words(locale).say("Reassign the incident")


def reassign_form(incident: Incident, teams: Sequence[tuple[str, str]], locale: str) -> Block:
    """A person, or the team (id and name) whose on-call takes it."""
    say = words(locale)
    person = labelled("user", say.say("To whom?"), inputs.user_picker(), optional=True)
    blocks = [kit.paragraph(f"{incident.short_id} · {incident.title}", 300), person]
    if teams:
        choices = [Choice(name, name) for _, name in teams]
        blocks.append(menu("team", say.say("Or whoever is on call for"), "team", choices, optional=True))
    blocks.append(kit.context(say.say("They are paged at once; the escalation goes on until somebody acknowledges.")))
    return kit.modal(
        reassign_title(locale),
        blocks,
        callback="incident.reassign.v1",
        submit=say.say("Reassign"),
        close=say.say("Cancel"),
        metadata=incident.id,
    )


def roles_title(locale: str) -> str:
    return words(locale).say("Severity and roles")


def roles_form(incident: Incident, lead: str, communications: str, locale: str, *, may_grade: bool) -> Block:
    """How bad it is, who leads, who tells the others; `lead` and `communications` are Slack ids. The form carries what
    it shows: what is left as it was is no wish."""
    say = words(locale)
    blocks = [kit.paragraph(f"{incident.short_id} · {incident.title}", 300)]
    if may_grade:
        levels = [Choice(severity_words(severity, say), severity.value) for severity in Severity]
        blocks.append(menu("severity", say.say("Severity"), "severity", levels, chosen=incident.severity.value))
    asked = {
        "lead": (say.say("Who leads?"), lead),
        "communications": (say.say("Who tells the others?"), communications),
    }
    # Somebody who was named is followed by somebody else, never by nobody: then the field is not to be emptied.
    blocks += [
        labelled(block, label, inputs.user_picker(who), optional=not who) for block, (label, who) in asked.items()
    ]
    return kit.modal(
        roles_title(locale),
        blocks,
        callback="incident.roles.v1",
        submit=say.say("Save"),
        close=say.say("Cancel"),
        metadata="|".join((incident.id, incident.severity.value, lead, communications)),
    )


def merge_title(locale: str) -> str:
    return words(locale).say("It is a duplicate")


def merge_form(incident: Incident, others: Sequence[Incident], locale: str) -> Block:
    """Which open incident it is a duplicate of."""
    say = words(locale)
    choices = [Choice(f"{one.short_id} · {one.title}", one.id) for one in others]
    told = say.say("This one is closed, its alerts count for the other, and nobody is paged for it any more.")
    blocks = [
        kit.paragraph(f"{incident.short_id} · {incident.title}", 300),
        menu("main", say.say("Of which incident?"), "main", choices),
        kit.context(told),
    ]
    return kit.modal(
        merge_title(locale),
        blocks,
        callback="incident.merge.v1",
        submit=say.say("Merge"),
        close=say.say("Cancel"),
        metadata=incident.id,
    )


def none_to_merge(locale: str) -> str:
    return words(locale).say("No other incident is open.")


def passed_by(incident: Incident, locale: str) -> str:
    """The answer to whoever says that somebody else can't take it."""
    return words(locale).say("🙅 Noted: {id} goes to somebody else.", id=incident.short_id)


def done(event: Event, incident: Incident, locale: str) -> str:
    """The answer to whoever asked for a change by a command."""
    say = words(locale)
    said = {"id": incident.short_id}
    told = {
        Event.UNACKNOWLEDGED: say.say("↩️ {id} is nobody's again: in 10 s the escalation goes on.", **said),
        Event.DECLINED: say.say("🙅 Noted: {id} pages you no more, unless it reaches nobody else.", **said),
        Event.MITIGATED: say.say("🩹 {id} is mitigated: the escalation has stopped.", **said),
        Event.REASSIGNED: say.say("👉 {id} is given on, and paged now.", **said),
        Event.STILL_ON_IT: say.say("👍 Noted: {id} stays with you.", **said),
        Event.SEVERITY_SET: say.say("🎚️ {id} has its new severity.", **said),
        Event.LEAD_NAMED: say.say("🧭 {id} has its lead.", **said),
        Event.COMMUNICATIONS_NAMED: say.say("📢 Somebody tells the others about {id}.", **said),
        Event.DUPLICATE: say.say("🔗 {id} goes on, with the alerts of both.", **said),
        Event.LINKED: say.say("🔗 {id} is linked.", **said),
    }
    if event is Event.SNOOZED and incident.snoozed_until:
        time = kit.moment(incident.snoozed_until, say.date(incident.snoozed_until, "UTC") + " UTC")
        return say.say("💤 {id} is quiet until {time}; then you are paged first.", **said, time=time)
    return told[event]
