"""A post-mortem as a document: what the record says, and what people wrote beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from blocks import markdown
from blocks.escalations import channel_name
from blocks.incidents import severity_name
from blocks.own_notes import note_of
from blocks.text import clip
from blocks.timeline import REASONS
from blocks.timeline_document import document_line, when
from blocks.words import Words, words
from domain.kpis import kpis
from domain.notifications import Notification, NotificationState
from domain.postmortems import LIMITS, Action, Record, Section, State, Texts
from domain.runbooks import RunStep, StepState
from domain.timeline import AFTERWARDS, Event

_LEFT_TO_TABLES = AFTERWARDS | {Event.NOTIFICATION_SENT}
_NOBODYS_DOING = AFTERWARDS | {Event.CREATED}
_TAKING = (Event.ACKNOWLEDGED, Event.SNOOZED, Event.MITIGATED)
_ROOM_FOR_THE_REST = 200


def section_name(section: Section, say: Words) -> str:
    return {
        Section.SUMMARY: say.say("Summary"),
        Section.IMPACT: say.say("Impact"),
        Section.WHAT_HAPPENED: say.say("What happened"),
        Section.ROOT_CAUSE: say.say("Root cause"),
        Section.WENT_WELL: say.say("What went well"),
        Section.WENT_BADLY: say.say("What went badly"),
        Section.LESSONS: say.say("Lessons learned"),
    }[section]


def texts_of(record: Record, locale: str) -> Texts:
    """What people wrote; while nobody has, what the record says."""
    return record.written.texts if record.written else drafted(record, locale)


def drafted(record: Record, locale: str) -> Texts:
    """The sections as the record tells them; what only people know is empty."""
    say = words(locale)
    found = dict.fromkeys(Section, "") | {
        Section.SUMMARY: _summary(record, say),
        Section.WHAT_HAPPENED: _story(record, say),
        Section.ROOT_CAUSE: record.incident.root_cause.strip(),
    }
    return {section: clip(text, LIMITS[section]) for section, text in found.items()}


def _summary(record: Record, say: Words) -> str:
    incident, figures = record.incident, kpis(record.incident)
    said = {"title": markdown.drafted(incident.title), "severity": severity_name(incident.severity)}
    service = record.directory.service_name(incident.service) or "–"
    lines = [say.say("{title} ({severity}) on {service}.", service=markdown.drafted(service), **said)]
    if figures.mtta_seconds is not None:
        name = markdown.drafted(incident.acknowledged_by or "–")
        after = say.span(timedelta(seconds=figures.mtta_seconds))
        lines.append(say.say("Acknowledged after {time}, last held by {name}.", time=after, name=name))
    if figures.mttr_seconds is not None:
        name = markdown.drafted(incident.resolved_by or "–")
        after = say.span(timedelta(seconds=figures.mttr_seconds))
        lines.append(say.say("Resolved after {time} by {name}.", time=after, name=name))
    if incident.resolution_note.strip():
        lines.append(say.say("What mended it: {text}", text=note_of(incident.resolution_note, say)))
    return "\n".join(lines)


def _story(record: Record, say: Words) -> str:
    """The timeline, as much of it as there is room for; what is left out is counted."""
    told = [entry for entry in record.timeline if entry.event not in _LEFT_TO_TABLES]
    start, room = record.incident.created_at, LIMITS[Section.WHAT_HAPPENED] - _ROOM_FOR_THE_REST
    lines: list[str] = []
    for entry in told:
        at = when(entry.at, start, record.zone, say)
        line = f"{at} {markdown.drafted(markdown.plain_of_slack(document_line(entry, say)))}"
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    left = len(told) - len(lines)
    if left:
        rest = say.count("… and {n} more entry: see the timeline.", "… and {n} more entries: see the timeline.", left)
        lines.append(rest)
    return "\n".join(lines)


def document(record: Record, locale: str) -> str:
    """The whole of it, in Markdown."""
    say = words(locale)
    texts = texts_of(record, locale)
    incident = record.incident
    title = say.say("Post-mortem of {id}", id=incident.short_id)
    parts = [
        f"# {title} · {severity_name(incident.severity)} · {markdown.name(incident.title)}",
        standing(record, say),
        _written(Section.SUMMARY, texts, say),
        _part(say.say("Times"), _times(record, say)),
        _part(say.say("People"), "\n".join(f"- {line}" for line in _people(record, say))),
        *(_written(one, texts, say) for one in (Section.IMPACT, Section.WHAT_HAPPENED, Section.ROOT_CAUSE)),
        _part(say.say("Runbook"), _runbook(record, say)),
        _part(say.say("Pages"), _pages(record, say)),
        *(_written(one, texts, say) for one in (Section.WENT_WELL, Section.WENT_BADLY, Section.LESSONS)),
        _part(say.say("Actions"), "\n".join(_action(one, record, say) for one in record.actions)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def standing(record: Record, say: Words) -> str:
    """Where it stands, in one line that needs no escaping."""
    one = record.postmortem
    if one is None:
        return say.say("Nobody has asked for a post-mortem.")
    if one.state is State.WAIVED:
        said = {"name": markdown.name(one.waived_by), "reason": markdown.name(one.waived_because)}
        return say.say("Waived by {name}: {reason}", **said)
    if one.state is State.PUBLISHED and one.published_at:
        said = {"name": markdown.name(one.published_by), "date": say.date(one.published_at, record.zone)}
        newer = say.say("This is v{version}, not published yet.", version=one.version)
        told = say.say("Published by {name}, {date}.", **said)
        return told if one.version == one.published_version else f"{told} {newer}"
    if one.due_on is None:
        return say.say("The incident is not over yet.")
    if record.written is None:
        return say.say("Not written yet; due until {date}.", date=say.day(one.due_on))
    said = {"version": str(one.version), "name": markdown.name(record.written.by), "date": say.day(one.due_on)}
    return say.say("Draft v{version} by {name}; due until {date}.", **said)


def _part(heading: str, text: str) -> str:
    return f"## {heading}\n\n{text.strip() or '–'}"


def _written(section: Section, texts: Texts, say: Words) -> str:
    return _part(section_name(section, say), markdown.typed(texts.get(section, "")))


def _times(record: Record, say: Words) -> str:
    incident, figures = record.incident, kpis(record.incident)
    moments = [
        (say.say("Detected"), incident.detected_at, ""),
        (say.say("Created"), incident.created_at, ""),
        (say.say("Acknowledged"), incident.acknowledged_at, _first_to_take_it(record)),
        (say.say("Mitigated"), incident.mitigated_at, incident.mitigated_by),
        (say.say("Resolved"), incident.resolved_at, incident.resolved_by),
    ]
    rows = [[label, say.date(at, record.zone), markdown.name(by)] for label, at, by in moments if at]
    lengths = [
        (say.say("Time to detect (MTTD)"), figures.mttd_seconds),
        (say.say("Time to acknowledge (MTTA)"), figures.mtta_seconds),
        (say.say("Time to resolve (MTTR)"), figures.mttr_seconds),
    ]
    rows += [[label, say.span(timedelta(seconds=seconds)), ""] for label, seconds in lengths if seconds is not None]
    note = say.say("All times are those of {zone}.", zone=record.zone)
    return f"{markdown.table(['', '', ''], rows)}\n\n{note}"


def _first_to_take_it(record: Record) -> str:
    """Whose acknowledgement the time is of; somebody else may have it since."""
    taken_at = record.incident.acknowledged_at
    taken = (one.by for one in record.timeline if one.event in _TAKING and one.at == taken_at)
    return next(taken, record.incident.acknowledged_by)


def _people(record: Record, say: Words) -> Iterator[str]:
    incident, known = record.incident, record.directory.people
    lead, communications = known.get(incident.lead), known.get(incident.communications)
    roles = [
        (lead.name if lead else "", say.say("led the work")),
        (communications.name if communications else "", say.say("told the others")),
        (incident.acknowledged_by, say.say("had it")),
        (incident.mitigated_by, say.say("mitigated it")),
        (incident.resolved_by, say.say("resolved it")),
    ]
    acting = [entry.by for entry in record.timeline if entry.event not in _NOBODYS_DOING]
    for name in dict.fromkeys(name for name in (*(one for one, _ in roles), *acting) if name and name != "Vigie"):
        did = say.listed(tuple(role for one, role in roles if one == name))
        yield say.say("{name}: {roles}", name=markdown.name(name), roles=did) if did else markdown.name(name)


def _runbook(record: Record, say: Words) -> str:
    run = record.run
    if run is None:
        return say.say("No runbook was used.")
    title = f"{markdown.name(run.runbook.title)} v{run.runbook.version}"
    heads = [say.say("Step"), say.say("Outcome"), say.say("By"), say.say("Took")]
    rows = [
        [
            f"{written.order}. {markdown.name(written.title)}",
            _outcome(went, say),
            markdown.name(went.by),
            _took(went, say),
        ]
        for written, went in zip(run.runbook.steps, run.steps, strict=True)
    ]
    return f"{title}\n\n{markdown.table(heads, rows)}"


def _outcome(went: RunStep, say: Words) -> str:
    told = {
        StepState.OPEN: say.say("not done"),
        StepState.DONE: say.say("done"),
        StepState.SKIPPED: say.say("skipped"),
        StepState.ROLLED_BACK: say.say("rolled back"),
        StepState.KEPT: say.say("done, left as it was"),
    }[went.state]
    if went.has_problem:
        told = say.say("{outcome}, with a problem", outcome=told)
    return say.say("{label}: {value}", label=told, value=markdown.name(went.note)) if went.note else told


def _took(went: RunStep, say: Words) -> str:
    if went.started_at is None or went.finished_at is None:
        return ""
    return say.span(went.finished_at - went.started_at)


def _pages(record: Record, say: Words) -> str:
    if not record.pages:
        return say.say("Nobody was paged.")
    heads = [say.say("When"), say.say("Step"), say.say("To"), say.say("By"), say.say("Receipt")]
    start = record.incident.created_at
    rows = [
        [
            when(page.decided_at, start, record.zone, say),
            str(page.step),
            markdown.name(page.recipient.name),
            channel_name(page.channel, (page.recipient.name,), say),
            _receipt(page, record, say),
        ]
        for page in record.pages
    ]
    return markdown.table(heads, rows)


def _receipt(page: Notification, record: Record, say: Words) -> str:
    if page.state is NotificationState.SENT and page.sent_at:
        time = when(page.sent_at, record.incident.created_at, record.zone, say)
        told = say.say("sent {time}", time=time)
        return f"{told} ({markdown.name(page.reference)})" if page.reference else told
    if page.state is NotificationState.FAILED:
        reason = markdown.name(REASONS.translate(page.failure, say))
        return say.say("not sent: {reason}", reason=reason)
    if page.state is NotificationState.CANCELLED:
        return say.say("not needed any more")
    return say.say("not sent yet")


def _action(one: Action, record: Record, say: Words) -> str:
    owner = record.directory.people.get(one.owner)
    said = {"name": markdown.name(owner.name if owner else "–"), "date": say.day(one.due_on)}
    who = say.say("{name}, until {date}", **said)
    return f"- [{'x' if one.is_done else ' '}] {markdown.name(one.text)} ({who})"
