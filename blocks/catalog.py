"""What is written down, as the answer to a command: runbooks, escalation policies and who is on call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from blocks import kit
from blocks.escalations import channel_names
from blocks.incident_lists import Page, turning
from blocks.incidents import severity_name
from blocks.kit import Block, Message
from blocks.sections import sections
from blocks.words import Words, words
from domain.incidents import Incident, Severity
from domain.policies import Policy, PolicyStep, TargetType
from domain.runbooks import Runbook, RunbookStep

_STEPS_SHOWN = 30
_SHOWN = 10
_CHOICES = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: what it is called, whom or what it is for, and how much there is of it."""

    name: str
    place: str
    severity: Severity | None
    count: int
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Duty:
    """A team and who is on call for it, each with the end of their turn."""

    team: str
    people: tuple[tuple[str, str, datetime], ...]
    """Name, Slack id, and until when."""
    zone: str = "UTC"


def runbook_list(rows: Sequence[Row], page: Page, locale: str) -> Message:
    """The runbooks there are."""
    say = words(locale)
    none = say.say("There is no runbook yet: `vigie load` takes them in.")
    return _list(rows, page, say.count("{n} runbook", "{n} runbooks", page.count), none, "runbook.list", say)


def policy_list(rows: Sequence[Row], page: Page, locale: str) -> Message:
    """The escalation policies there are."""
    say = words(locale)
    none = say.say("There is no escalation policy yet: `vigie load` takes them in.")
    title = say.count("{n} escalation policy", "{n} escalation policies", page.count)
    return _list(rows, page, title, none, "policy.list", say)


def _list(rows: Sequence[Row], page: Page, title: str, none: str, action: str, say: Words) -> Message:
    if not page.count:
        return Message(none, [kit.section(none)])
    lines = "\n".join(line(row, say) for row in rows) or "–"
    return Message(title, [kit.section(f"*{title}*"), kit.section(lines), *turning(page, action, say)])


def line(row: Row, say: Words) -> str:
    """A thing of the catalog in a line: what it is called, what it is for, how much there is of it."""
    steps = say.count("{n} step", "{n} steps", row.count)
    severity = severity_name(row.severity) if row.severity else say.say("every severity")
    off = "" if row.is_active else say.say("not in use")
    small = " · ".join(part for part in (kit.name(row.place, 60), severity, steps, off) if part)
    return say.say("*{name}*: {what}", name=kit.name(row.name, 100), what=small)


def runbook(book: Runbook, service: str, locale: str) -> Message:
    """One runbook, step by step, to read; it is worked through in an incident's thread."""
    say = words(locale)
    title = kit.name(book.title)
    row = Row(book.title, service, book.severity_filter, len(book.steps), book.is_active)
    blocks = [kit.section(f"📖 {line(row, say)}")]
    if book.description.strip():
        blocks.append(kit.paragraph(book.description, 500))
    for place, step in enumerate(book.steps[:_STEPS_SHOWN], start=1):
        blocks += _step(place, step, say)
    # Above the steps: of a long runbook the last of them are not shown here.
    blocks[1:1] = kit.actions([kit.button(say.say("Open"), "runbook.show.v1", book.id)])
    return Message(say.say("Runbook: {title}", title=title), blocks)


def _step(place: int, step: RunbookStep, say: Words) -> list[Block]:
    time = say.say("about {time}", time=say.minutes(step.expected_duration)) if step.expected_duration else ""
    warning = say.say("⚠️ critical") if step.is_critical else ""
    small = " · ".join(part for part in (time, warning) if part)
    made = [kit.section(f"{place}. *{kit.name(step.title)}*" + (f" · {small}" if small else ""))]
    return [*made, kit.preformatted(step.command, 700)] if step.command.strip() else made


def which_runbook(incident: Incident, books: Sequence[Runbook], locale: str) -> Message:
    """The runbooks that can be meant, each with its button."""
    say = words(locale)
    title = say.say("Which runbook for {id}?", id=incident.short_id)
    buttons = [
        kit.button(f"📖 {book.title}", f"runbook.start.v1.{n}", f"{incident.id}:{book.version_id}")
        for n, book in enumerate(books[:_CHOICES])
    ]
    return Message(title, [kit.section(title), *kit.actions(buttons)])


def started(incident: Incident, book: Runbook, locale: str) -> Message:
    said = {"title": kit.name(book.title), "id": incident.short_id}
    text = words(locale).say("📖 {title} is started in the thread of {id}.", **said)
    return Message(text, [kit.section(text)])


def policy(one: Policy, team: str, locale: str) -> Message:
    """One policy: who is paged, when and how."""
    say = words(locale)
    row = Row(one.name, team or say.say("every team"), one.severity_filter, len(one.live_steps), one.is_active)
    lines = [_rung(step, say) for step in one.live_steps[:_STEPS_SHOWN]]
    blocks = [kit.section(f"📣 {line(row, say)}")]
    if one.description.strip():
        blocks.append(kit.paragraph(one.description, 500))
    if lines:
        blocks.append(kit.section("\n".join(lines)))
    return Message(say.say("Escalation policy: {name}", name=kit.name(one.name)), blocks)


def _rung(step: PolicyStep, say: Words) -> str:
    when = (
        say.say("after {minutes}", minutes=say.minutes(step.delay_minutes))
        if step.delay_minutes
        else say.say("at once")
    )
    name = _target(step, say)
    channels = channel_names(step.channels, (name,), say)
    paged = say.say("{channels} to {names}", channels=channels, names=kit.name(name))
    return say.say("• {when}: {what}", when=when, what=paged)


def _target(step: PolicyStep, say: Words) -> str:
    """Whom a step means, before anybody knows who that is. A webhook's address is a secret."""
    match step.target.type:
        case TargetType.ON_CALL:
            return say.say("whoever is on call")
        case TargetType.TEAM:
            return say.say("the whole team")
        case TargetType.USER if step.target.value == "team_lead":
            return say.say("the team's lead")
        case TargetType.CHANNEL if step.target.value.startswith("https://"):
            return "Discord"
    return step.target.value


def on_call(duties: Sequence[Duty], locale: str, at: datetime | None = None) -> Message:
    """Who is on call, and until when; `at` is a time that was asked for."""
    say = words(locale)
    title = say.say("On call")
    if at:
        zone = duties[0].zone if duties else "UTC"
        title = say.say("On call at {time}", time=kit.moment(at, f"{say.date(at, zone)} {zone}"))
    lines = [_duty(duty, say) for duty in duties[:_SHOWN]]
    if len(duties) > _SHOWN:
        lines.append(say.say("One of the others: {command}", command="`/oncall who …`"))
    text = "\n".join(lines) or say.say("There is no team yet: `vigie load` takes them in.")
    return Message(title, sections(f"*{title}*\n{text}"))


def _duty(duty: Duty, say: Words) -> str:
    if not duty.people:
        return say.say("*{team}*: 🚨 nobody is on call", team=kit.name(duty.team, 60))
    turns = (
        say.say("{name} until {time}", name=kit.person(name, slack), time=_until(end, duty.zone, say))
        for name, slack, end in duty.people
    )
    return say.say("*{name}*: {what}", name=kit.name(duty.team, 60), what=", ".join(turns))


def _until(end: datetime, zone: str, say: Words) -> str:
    return kit.moment(end, f"{say.date(end, zone)} {zone}")
