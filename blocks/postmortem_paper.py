"""A post-mortem as Markdown: what people wrote, and everything that is known."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from blocks.incidents import severity_name
from blocks.postmortems import labels
from blocks.text import one_line
from blocks.timeline import history_line
from blocks.words import Words, words
from domain.incidents import Incident
from domain.kpis import kpis
from domain.notifications import Notification, NotificationState
from domain.postmortems import Postmortem
from domain.runbooks import Run, RunStep, StepState
from domain.timeline import Entry

_MENTION = re.compile(r"<(?:@|!subteam\^)([A-Z0-9]+)[^>]*>")
_MARKUP = re.compile(r"<([^|>]+)\|([^>]+)>")
_ESCAPED = re.compile(r"([\\`*_{}\[\]<>#|])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Everything that goes on it. `zone` is the team's; `names` are people's by their Slack ids."""

    incident: Incident
    postmortem: Postmortem
    service: str
    team: str
    zone: str
    entries: Sequence[Entry]
    pages: Sequence[Notification]
    run: Run | None
    names: Mapping[str, str]


def markdown(paper: Paper, locale: str) -> str:
    """The whole as Markdown: what people wrote, then times, figures, steps, pages and everything that happened."""
    say = words(locale)
    parts = [*_head(paper, say), *_sections(paper.postmortem, say), *_figures(paper, say)]
    parts += [*_steps(paper, say), *_pages(paper, say), *_history(paper, say)]
    return "\n".join(parts).rstrip() + "\n"


def _plain(text: str) -> str:
    """Foreign text in Markdown: nothing in it is markup."""
    return _ESCAPED.sub(r"\\\1", one_line(text))


def _head(paper: Paper, say: Words) -> Iterator[str]:
    incident = paper.incident
    yield f"# {incident.short_id}: {_plain(incident.title)}"
    yield ""
    facts = [severity_name(incident.severity), _plain(paper.service), _plain(paper.team)]
    yield " · ".join(fact for fact in facts if fact)
    yield ""


def _sections(written: Postmortem, say: Words) -> Iterator[str]:
    empty = say.say("Not written yet.")
    for key, label in labels(say).items():
        yield f"## {label}"
        yield ""
        yield written.sections[key].strip() or empty
        yield ""


def _figures(paper: Paper, say: Words) -> Iterator[str]:
    incident, found = paper.incident, kpis(paper.incident)
    yield "## " + say.say("Times")
    yield ""
    moments = (
        (say.say("Detected"), incident.detected_at, ""),
        (say.say("Opened"), incident.created_at, ""),
        (say.say("Acknowledged"), incident.acknowledged_at, incident.acknowledged_by),
        (say.say("Mitigated"), incident.mitigated_at, incident.mitigated_by),
        (say.say("Resolved"), incident.resolved_at, incident.resolved_by),
    )
    for label, moment, by in moments:
        if moment:
            yield f"- {label}: {_at(moment, paper, say)}{f' ({_plain(by)})' if by else ''}"
    for label, seconds in (("MTTD", found.mttd_seconds), ("MTTA", found.mtta_seconds), ("MTTR", found.mttr_seconds)):
        if seconds is not None:
            yield f"- {label}: {say.span(timedelta(seconds=seconds))}"
    yield ""


def _at(moment: datetime, paper: Paper, say: Words) -> str:
    return f"{say.date(moment, paper.zone)} ({paper.zone})"


def _steps(paper: Paper, say: Words) -> Iterator[str]:
    run = paper.run
    if run is None:
        return
    yield "## " + say.say("Runbook") + f": {_plain(run.runbook.title)}, v{run.runbook.version}"
    yield ""
    for written, went in zip(run.runbook.steps, run.steps, strict=True):
        mark = "x" if went.state is StepState.DONE else " "
        yield f"- [{mark}] {written.order}. {_plain(written.title)}{_went(went, paper, say)}"
    yield ""


def _went(went: RunStep, paper: Paper, say: Words) -> str:
    told = [_plain(went.by)] if went.by else []
    if went.finished_at:
        told.append(say.clock(went.finished_at, paper.zone))
    if went.note:
        told.append(_plain(went.note))
    return f" ({', '.join(told)})" if told else ""


def _pages(paper: Paper, say: Words) -> Iterator[str]:
    if not paper.pages:
        return
    yield "## " + say.say("Pages")
    yield ""
    states = {
        NotificationState.WAITING: say.say("waiting"),
        NotificationState.SENT: say.say("sent"),
        NotificationState.FAILED: say.say("failed"),
        NotificationState.CANCELLED: say.say("no longer wanted"),
    }
    for page in paper.pages:
        at = page.sent_at or page.decided_at
        failure = f": {_plain(page.failure)}" if page.failure else ""
        name = _plain(page.recipient.name)
        yield f"- {say.clock(at, paper.zone)} · {page.channel.value} · {name} · {states[page.state]}{failure}"
    yield ""


def _history(paper: Paper, say: Words) -> Iterator[str]:
    yield "## " + say.say("What happened when")
    yield ""
    for entry in paper.entries:
        yield f"- {say.date(entry.at, paper.zone)} {_unmarked(history_line(entry, say), paper.names)}"


def _unmarked(line: str, names: Mapping[str, str]) -> str:
    """A line of Slack's markup as Markdown: people by their names, links as they are written."""
    named = _MENTION.sub(lambda found: names.get(found[1], found[1]), line)
    linked = _MARKUP.sub(lambda found: f"{found[2]} ({found[1]})", named)
    return one_line(html.unescape(linked))
