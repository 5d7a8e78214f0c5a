"""Incidents as the answer to a command: lists a page at a time, one alone, its history. For a phone, and one reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from blocks import kit
from blocks.incidents import Card, facts, headline, title_of
from blocks.kit import Block, Message
from blocks.own_notes import note_of
from blocks.timeline import history_line
from blocks.words import Words, words
from domain.incidents import Incident, Status
from domain.timeline import Entry

A_PAGE = 10
_DESCRIPTION_SHOWN = 500
_ASKED_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of something: where it begins in `count` things, and what was asked for, to go on with."""

    offset: int
    count: int
    asked: str = ""


def list_page(
    found: Sequence[tuple[Incident, str]],
    page: Page,
    now: datetime,
    locale: str,
    *,
    may_acknowledge: bool,
    turns: str = "incident.list",
) -> Message:
    """Incidents, each with its service's name: state, age, who has it. `turns` is what the buttons to other pages are
    called."""
    say = words(locale)
    if not page.count:
        text = say.say("No incident is open.") if not page.asked else say.say("No incident is like that.")
        return Message(text, [kit.section(text)])
    title = say.count("{n} incident", "{n} incidents", page.count)
    rows = [_row(incident, service, now, say, may_acknowledge) for incident, service in found]
    return Message(title, [kit.section(f"*{title}*"), *rows, *turning(page, turns, say)])


def candidates(found: Sequence[tuple[Incident, str]], now: datetime, locale: str, *, may_acknowledge: bool) -> Message:
    """The incidents that somebody can have meant."""
    say = words(locale)
    title = say.say("Which one? Say its name, such as {id}.", id=found[0][0].short_id)
    rows = [_row(incident, service, now, say, may_acknowledge) for incident, service in found[:A_PAGE]]
    if len(found) > A_PAGE:
        rows.append(kit.context(say.say("The others: {command}", command="`/incident list`")))
    return Message(title, [kit.section(title), *rows])


def nothing_open(locale: str, *, is_waiting: bool) -> Message:
    """There is no incident that could be meant."""
    say = words(locale)
    text = say.say("Nothing waits for an acknowledgement.") if is_waiting else say.say("No incident is open.")
    return Message(text, [kit.section(text)])


def _row(incident: Incident, service: str, now: datetime, say: Words, may_acknowledge: bool) -> Block:
    age = kit.ago(incident.created_at, say.span(now - incident.created_at))
    small = " · ".join(part for part in (incident.short_id, state(incident, say), age, kit.name(service, 60)) if part)
    made = kit.section(f"*{kit.name(title_of(incident))}*\n{small}")
    if may_acknowledge and incident.status is Status.TRIGGERED:
        # A copy that only one person sees is not edited with the card: the click itself replaces it.
        made["accessory"] = kit.button(
            say.say("Acknowledge"), "incident.acknowledge.listed.v1", incident.id, style="primary"
        )
    return made


def state(incident: Incident, say: Words) -> str:
    """Where it stands, and whose it is."""
    name = kit.name(incident.acknowledged_by or "Vigie", 60)
    if incident.is_snoozed and incident.snoozed_until:
        time = kit.moment(incident.snoozed_until, say.date(incident.snoozed_until, "UTC") + " UTC")
        return say.say("💤 Snoozed by {name} until {time}", name=name, time=time)
    return {
        Status.TRIGGERED: say.say("❗ Nobody has it yet"),
        Status.ACKNOWLEDGED: say.say("{name} has it", name=name),
        Status.MITIGATED: say.say("Mitigated; {name} has it", name=name),
        Status.RESOLVED: say.say("Resolved by {name}", name=kit.name(incident.resolved_by or "Vigie", 60)),
    }[incident.status]


def turning(page: Page, action: str, say: Words) -> list[Block]:
    """Buttons to the pages before and after, and which page this is; nothing when there is one."""
    if page.count <= A_PAGE:
        return []
    asked = page.asked[:_ASKED_SHOWN]
    buttons = []
    if page.offset > 0:
        before = f"{max(page.offset - A_PAGE, 0)}:{asked}"
        buttons.append(kit.button(say.say("Previous page"), f"{action}.previous.v1", before))
    if page.offset + A_PAGE < page.count:
        buttons.append(kit.button(say.say("Next page"), f"{action}.next.v1", f"{page.offset + A_PAGE}:{asked}"))
    pages = (page.count + A_PAGE - 1) // A_PAGE
    place = say.say("Page {page} of {pages}", page=page.offset // A_PAGE + 1, pages=pages)
    return [kit.context(place), *kit.actions(buttons)]


def shown(card: Card, *, may_acknowledge: bool, may_resolve: bool) -> Message:
    """One incident for the one who asks: the facts, and the buttons that they may press."""
    say = words(card.locale)
    incident = card.incident
    blocks = [kit.header(title_of(incident)), kit.facts(facts(card, say))]
    if incident.description.strip():
        blocks.append(kit.paragraph(incident.description, _DESCRIPTION_SHOWN))
    if incident.resolution_note.strip():
        label = say.say("What mended it")
        blocks.append(kit.section(f"*{label}*\n{kit.escape(note_of(incident.resolution_note, say), 500)}"))
    buttons = []
    if may_acknowledge and incident.status is Status.TRIGGERED:
        buttons.append(
            kit.button(say.say("Acknowledge"), "incident.acknowledge.listed.v1", incident.id, style="primary")
        )
    if may_resolve and incident.is_open:
        buttons.append(kit.button(say.say("Resolve"), "incident.resolve.v1", incident.id))
    return Message(headline(card, say), [*blocks, *kit.actions(buttons)])


def history(incident: Incident, entries: Sequence[Entry], page: Page, locale: str) -> Message:
    """What happened, the latest first."""
    say = words(locale)
    title = say.say("{id}: what happened, the latest first", id=incident.short_id)
    lines = [_at(entry, say) for entry in entries]
    body = [kit.section(line) for line in lines]
    return Message(title, [kit.section(f"*{title}*"), *body, *turning(page, "incident.timeline", say)])


def _at(entry: Entry, say: Words) -> str:
    return f"{kit.moment(entry.at, say.date(entry.at, 'UTC') + ' UTC')} {history_line(entry, say)}"


def yours(incident: Incident, locale: str) -> Message:
    """The acknowledgement has been taken."""
    return said(words(locale).say("✅ {id} is yours: the escalation has stopped.", id=incident.short_id))


def escalated(incident: Incident, locale: str) -> Message:
    return said(words(locale).say("📣 The next step of {id} is on its way.", id=incident.short_id))


def noted(incident: Incident, locale: str) -> Message:
    return said(words(locale).say("📝 Kept in the timeline of {id}.", id=incident.short_id))


def said(text: str) -> Message:
    """A few words of our own."""
    return Message(text, [kit.section(text)])
