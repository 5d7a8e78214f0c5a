"""Lists that one person asked for: incidents, runbooks, policies, who is on call. Short enough for a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from blocks import kit
from blocks.escalations import channel_names
from blocks.incidents import severity_name
from blocks.kit import Block, Message
from blocks.timeline import history_line
from blocks.words import Words, words
from domain.incidents import Incident, Severity, Status
from domain.policies import Policy, PolicyStep, TargetType
from domain.runbooks import Runbook
from domain.timeline import Entry

A_PAGE = 10
_ENTRIES = 40
_SIGNS = {Severity.SEV1: "🔴", Severity.SEV2: "🟠", Severity.SEV3: "🟡", Severity.SEV4: "🔵"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list is shown, and what a button needs to show the next."""

    count: int
    offset: int
    action: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class OnCallTeam:
    """A team's shifts: (name, until when) of those now, and (name, from when) of the next."""

    name: str
    now: tuple[tuple[str, datetime], ...]
    next: tuple[tuple[str, datetime], ...]
    zone: str


def incidents(found: Sequence[tuple[Incident, str]], page: Page, locale: str, heading: str = "") -> Message:
    """Incidents, each with its service's name: how bad, what, since when, who has it; and the button that helps."""
    say = words(locale)
    if not found:
        return Message(say.say("No incident is open."), [kit.section(say.say("✅ No incident is open."))])
    told = heading or say.count("{n} incident", "{n} incidents", page.count)
    blocks = [kit.section(f"*{told}*"), *(incident_row(one, service, say) for one, service in found)]
    return Message(told, [*blocks, *_pages(page, say)])


def incident_row(incident: Incident, service: str, say: Words) -> Block:
    """An incident in two lines, with the button that helps: take it, or look at it."""
    sign = "✅" if incident.status is Status.RESOLVED else _SIGNS[incident.severity]
    opened = kit.ago(incident.created_at, say.date(incident.created_at, "UTC"))
    where = " · ".join(part for part in (kit.name(service), opened, _holder(incident, say)) if part)
    title = f"*{incident.short_id}* {severity_name(incident.severity)} · {kit.name(incident.title)}"
    button = (
        kit.button(say.say("Acknowledge"), "incident.acknowledge.v1", incident.id, style="primary")
        if incident.status is Status.TRIGGERED
        else kit.button(say.say("Show"), "incident.show.v1", incident.id)
    )
    return {**kit.section(f"{sign} {title}\n{where}"), "accessory": button}


def _holder(incident: Incident, say: Words) -> str:
    match incident.status:
        case Status.TRIGGERED:
            return say.say("❗ Nobody has it yet")
        case Status.RESOLVED:
            return say.say("Resolved by {name}", name=kit.name(incident.resolved_by or "Vigie"))
        case _:
            return say.say("{name} has it", name=kit.person(incident.acknowledged_by, incident.acknowledged_slack))


def _pages(page: Page, say: Words) -> list[Block]:
    buttons = []
    if page.offset:
        buttons.append(kit.button(say.say("Before"), f"{page.action}.before", f"{page.offset - A_PAGE}:{page.asked}"))
    if page.offset + A_PAGE < page.count:
        buttons.append(kit.button(say.say("More"), f"{page.action}.more", f"{page.offset + A_PAGE}:{page.asked}"))
    return kit.actions(buttons)


def timeline(incident: Incident, entries: Sequence[Entry], zone: str, locale: str) -> Message:
    """What happened, oldest first; of a long story the end."""
    say = words(locale)
    title = f"*{incident.short_id}* {kit.name(incident.title)}"
    shown = entries[-_ENTRIES:]
    lines = [f"{kit.clock_time(one.at, say.clock(one.at, zone))}  {history_line(one, say)}" for one in shown]
    if len(entries) > len(shown):
        lines.insert(0, say.count("… {n} earlier entry", "… {n} earlier entries", len(entries) - len(shown)))
    blocks = [kit.section(title)]
    blocks += [kit.section("\n".join(lines[start : start + 10])) for start in range(0, len(lines), 10)]
    return Message(title, blocks)


def runbooks(found: Sequence[tuple[Runbook, str]], page: Page, locale: str) -> Message:
    """Runbooks, each with its service's name."""
    say = words(locale)
    if not found:
        return _nothing(say.say("No runbook is called so."))
    lines = [
        f"📖 *{kit.name(book.title)}* · {runbook_scope(service, book.severity_filter, say)}" for book, service in found
    ]
    told = say.count("{n} runbook", "{n} runbooks", page.count)
    return Message(told, [kit.section(f"*{told}*"), kit.section("\n".join(lines)), *_pages(page, say)])


def _nothing(text: str) -> Message:
    return Message(text, [kit.section(text)])


def runbook_scope(service: str, severity: Severity | None, say: Words) -> str:
    """What a runbook is for: "redis-prod, SEV1"."""
    parts = [kit.name(service) if service else say.say("every service")]
    parts.append(severity_name(severity) if severity else say.say("every severity"))
    return ", ".join(parts)


def runbook(book: Runbook, service: str, locale: str) -> Message:
    """A runbook's steps: title, command, and what it asks for."""
    say = words(locale)
    heading = f"📖 *{kit.name(book.title)}* · {runbook_scope(service, book.severity_filter, say)}"
    blocks = [kit.section(f"{heading}\n{kit.escape(book.description, 500)}".strip())]
    for place, step in enumerate(book.steps[:20], start=1):
        mark = " ⚠️" if step.must_be_confirmed else ""
        about = f" · {say.minutes(step.expected_duration)}" if step.expected_duration else ""
        blocks.append(kit.section(f"*{place}. {kit.name(step.title)}*{mark}{about}"))
        if step.command:
            blocks.append(kit.preformatted(step.command, 400))
    return Message(say.say("Runbook: {title}", title=kit.lock_screen(book.title)), blocks)


def policies(found: Sequence[tuple[Policy, str]], page: Page, locale: str) -> Message:
    """Policies, each with its team's name."""
    say = words(locale)
    if not found:
        return _nothing(say.say("No policy is called so."))
    lines = [f"⏫ *{kit.name(policy.name)}* · {policy_scope(policy, team, say)}" for policy, team in found]
    told = say.count("{n} policy", "{n} policies", page.count)
    return Message(told, [kit.section(f"*{told}*"), kit.section("\n".join(lines)), *_pages(page, say)])


def policy_scope(policy: Policy, team: str, say: Words) -> str:
    """What a policy is for: "SRE Core, SEV1, default"."""
    parts = [kit.name(team) if team else say.say("every team")]
    if policy.severity_filter:
        parts.append(severity_name(policy.severity_filter))
    if policy.is_default:
        parts.append(say.say("default"))
    if not policy.is_active:
        parts.append(say.say("switched off"))
    return ", ".join(parts)


def policy(shown: Policy, team: str, locale: str) -> Message:
    """A policy's steps: when, how, whom."""
    say = words(locale)
    head = f"⏫ *{kit.name(shown.name)}* · {policy_scope(shown, team, say)} · " + say.say(
        "version {n}", n=shown.version
    )
    lines = [policy_step(step, say) for step in shown.live_steps[:20]]
    blocks = [kit.section(f"{head}\n{kit.escape(shown.description, 800)}".strip())]
    return Message(kit.lock_screen(shown.name), [*blocks, kit.section("\n".join(lines) or say.say("It has no step."))])


def policy_step(step: PolicyStep, say: Words) -> str:
    """ "T+5 min: direct message and SMS to whoever is on call" """
    who = target_words(step, say)
    names = (step.target.value,) if step.target.type is TargetType.CHANNEL else ()
    line = say.say(
        "*T+{minutes}* {channels} to {names}",
        minutes=say.minutes(step.delay_minutes),
        channels=channel_names(step.channels, names, say),
        names=who,
    )
    due = say.say("post-mortem due")
    return f"{line} · {due}" if step.requires_postmortem else line


def target_words(step: PolicyStep, say: Words) -> str:
    """Whom a step means, in words."""
    value = kit.name(step.target.value)
    match step.target.type:
        case TargetType.ON_CALL:
            return say.say("whoever is on call")
        case TargetType.TEAM:
            return say.say("the whole team")
        case TargetType.USER if step.target.value == "team_lead":
            return say.say("the team's lead")
        case _:
            return value


def on_call(teams: Sequence[OnCallTeam], locale: str) -> Message:
    """Who is on call in each team, until when, and who comes next."""
    say = words(locale)
    if not teams:
        return _nothing(say.say("No team is called so."))
    title = say.say("On call now")
    lines = [kit.section(_shifts(team, say)) for team in teams[:40]]
    return Message(title, [kit.section(f"*{title}*"), *lines])


def _shifts(team: OnCallTeam, say: Words) -> str:
    if not team.now:
        now = say.say("🚨 nobody")
    else:
        now = ", ".join(
            say.say("{name} until {time}", name=kit.name(name), time=kit.moment(end, say.date(end, team.zone)))
            for name, end in team.now
        )
    following = ", ".join(
        say.say("{name} from {time}", name=kit.name(name), time=kit.moment(start, say.date(start, team.zone)))
        for name, start in team.next
    )
    line = f"*{kit.name(team.name)}*: {now}"
    after = say.say("Next: {shifts}", shifts=following)
    return f"{line}\n{after}" if following else line


def acknowledged(incident: Incident, locale: str) -> Message:
    """The answer to `/incident ack`."""
    text = words(locale).say("✅ You have {id}. The escalation has stopped.", id=incident.short_id)
    return Message(text, [kit.section(text)])


def escalated(incident: Incident, locale: str) -> Message:
    """The answer to `/incident escalate`."""
    text = words(locale).say("⏫ The next step of {id} goes out now.", id=incident.short_id)
    return Message(text, [kit.section(text)])


def started(title: str, incident: Incident, locale: str) -> Message:
    """The answer to `/runbook start`."""
    text = words(locale).say("📖 {title} is started in {id}.", title=kit.name(title), id=incident.short_id)
    return Message(text, [kit.section(text)])


def which(locale: str) -> str:
    """What is asked when several incidents can be meant."""
    return words(locale).say("Which one?")
