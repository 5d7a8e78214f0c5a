"""How a drill went: a summary for its channel, and the whole of it as a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from blocks import kit, markdown
from blocks.escalations import channel_name
from blocks.incidents import severity_name
from blocks.kit import Message
from blocks.text import one_line
from blocks.timeline import REASONS
from blocks.words import Words, words
from domain.drill_reports import DrillRecord, PlayedPage, PlayedStep, TimedStep
from domain.drills import MARK
from domain.incidents import Incident
from domain.notifications import NotificationState
from domain.policies import Channel
from domain.runbooks import StepState

_SLOW_SHOWN = 5


def name(incident: Incident) -> str:
    """What the file is called."""
    return f"drill-{incident.short_id}.md"


def summary(record: DrillRecord, locale: str) -> Message:
    """What matters, in a few lines; the rest is in the file."""
    say = words(locale)
    heading = say.say("*{mark}* {id}: the report", mark=MARK, id=record.incident.short_id)
    lines = [_lasted(record, say), _answered(record, say), *_fired(record, say)]
    slow = list(_slow(record, say))
    blocks = [kit.section(f"🎭 {heading}"), kit.section("\n".join(f"• {line}" for line in lines))]
    if slow:
        told = "\n".join(f"• {kit.clip_markup(line, 300)}" for line in slow[:_SLOW_SHOWN])
        blocks.append(kit.section(say.say("*What was slow*") + f"\n{told}"))
    return Message(f"{MARK}: {record.incident.short_id}", blocks)


def _minutes(minutes: float, say: Words) -> str:
    return say.span(timedelta(minutes=minutes))


def _lasted(record: DrillRecord, say: Words) -> str:
    return say.say(
        "It lasted {time} of its own clock, which went {n} times faster.",
        time=_minutes(record.report.lasted, say),
        n=record.drill.speed,
    )


def _answered(record: DrillRecord, say: Words) -> str:
    taken = record.report.taken
    if not taken:
        return say.say("Nobody acknowledged it.")
    first = taken[0]
    return say.say("{name} acknowledged it after {time}.", name=kit.name(first.name), time=_minutes(first.minutes, say))


def _fired(record: DrillRecord, say: Words) -> Iterator[str]:
    steps = record.report.steps
    if not steps:
        yield say.say("No escalation policy fits it: a real incident would page nobody.")
        return
    fired = sum(step.fired_at is not None for step in steps)
    yield say.say("{n} of {total} steps of its policy fired.", n=fired, total=len(steps))


def _slow(record: DrillRecord, say: Words) -> Iterator[str]:
    """What took longer than it ought to, and what reached nobody."""
    report = record.report
    if report.is_answer_slow and report.answered is not None:
        yield say.say("From the first page to the acknowledgement: {time}.", time=_minutes(report.answered, say))
    for page in report.slow_pages:
        yield _slow_page(page, say)
    for step in report.slow_steps:
        yield say.say(
            "Runbook, step {step}, {title}: {time} instead of {declared}.",
            step=step.order,
            title=kit.name(step.title, 80),
            time=_minutes(step.took or 0, say),
            declared=_minutes(step.declared, say),
        )
    for played in report.steps:
        for miss in played.misses:
            reason = kit.name(REASONS.translate(miss, say), 150)
            yield say.say("Escalation, step {step} would miss somebody: {reason}.", step=played.order, reason=reason)


def _slow_page(page: PlayedPage, say: Words) -> str:
    said = {"channel": _way(page, say), "name": kit.name(page.name, 80)}
    if page.state is NotificationState.FAILED:
        reason = kit.name(REASONS.translate(page.failure, say), 150)
        return say.say("{channel} to {name} did not go out: {reason}.", reason=reason, **said)
    return say.say("{channel} to {name} took {n} s.", n=round(page.seconds or 0), **said)


def document(record: DrillRecord, locale: str) -> str:
    """Everything, as Markdown."""
    say = words(locale)
    incident = record.incident
    parts = [
        "# " + say.say("{label}: {value}", label=f"{MARK} {incident.short_id}", value=markdown.name(incident.title)),
        *_facts(record, say),
        _heading(say.say("Who acknowledged, and when")),
        *_taken(record, say),
        _heading(say.say("Escalation")),
        *_escalation(record, say),
        _heading(say.say("What was slow")),
        *_slow_lines(record, say),
        _heading(say.say("Runbook: declared and taken")),
        *_runbook(record, say),
    ]
    return "\n\n".join(parts) + "\n"


def _heading(text: str) -> str:
    return f"## {text}"


def _facts(record: DrillRecord, say: Words) -> list[str]:
    drill, incident = record.drill, record.incident
    service = record.directory.service_name(incident.service) or "–"
    policy, run = record.policy, record.run
    said = [
        (say.say("Service"), f"{service} · {severity_name(incident.severity)}"),
        (say.say("Took part"), ", ".join(record.participants) or "–"),
        (say.say("Where it takes place"), record.place),
        (say.say("Started by"), f"{drill.started_by}, {say.date(drill.started_at, record.zone)} {record.zone}"),
        (say.say("Speed"), f"× {drill.speed}"),
        (say.say("Escalation policy"), f"{policy.name} v{policy.version}" if policy else "–"),
        (say.say("Runbook"), f"{run.runbook.title} v{run.runbook.version}" if run else "–"),
    ]
    lines = [f"- **{label}**: {markdown.name(value)}" for label, value in said]
    return ["\n".join([*lines, f"- {_lasted(record, say)}"])]


def _taken(record: DrillRecord, say: Words) -> list[str]:
    if not record.report.taken:
        return [say.say("Nobody acknowledged it.")]
    rows = [
        (markdown.name(one.name), _minutes(one.minutes, say), say.clock(one.at, record.zone))
        for one in record.report.taken
    ]
    return [markdown.table((say.say("Who"), say.say("After"), say.say("At")), rows)]


def _escalation(record: DrillRecord, say: Words) -> list[str]:
    if not record.report.steps:
        return [say.say("No escalation policy fits it: a real incident would page nobody.")]
    heads = (say.say("Step"), say.say("Planned"), say.say("Would reach"), say.say("Fired"), say.say("Reached"))
    return [markdown.table(heads, [_row(step, record, say) for step in record.report.steps])]


def _row(step: PlayedStep, record: DrillRecord, say: Words) -> tuple[str, ...]:
    misses = [markdown.name(REASONS.translate(miss, say)) for miss in step.misses]
    return (
        str(step.order),
        _minutes(step.planned_minute, say),
        "; ".join([*_pairs(step.planned, say), *misses]) or "–",
        _minutes(step.fired_minute, say) if step.fired_minute is not None else say.say("not needed"),
        "; ".join(_reached(page, record, say) for page in step.pages) or "–",
    )


def _pairs(pairs: Iterable[tuple[Channel, str]], say: Words) -> list[str]:
    return [f"{channel_name(channel, (who,), say)} → {markdown.name(who)}" for channel, who in pairs]


def _way(page: PlayedPage, say: Words) -> str:
    return channel_name(page.channel, ("#",) if page.is_to_a_channel else (page.name,), say)


def _reached(page: PlayedPage, record: DrillRecord, say: Words) -> str:
    name = record.place if page.name == record.drill.channel else page.name
    told = f"{_way(page, say)} → {markdown.name(name)}"
    if page.seconds is not None:
        seconds = say.say("{n} s", n=say.decimal(page.seconds))
        return f"{told} ({seconds})"
    states = {
        NotificationState.WAITING: say.say("on its way"),
        NotificationState.FAILED: markdown.name(REASONS.translate(page.failure, say)),
        NotificationState.CANCELLED: say.say("no longer needed"),
    }
    return f"{told} ({states.get(page.state, '–')})"


def _slow_lines(record: DrillRecord, say: Words) -> list[str]:
    lines = [f"- {markdown.of_slack(line)}" for line in _slow(record, say)]
    return ["\n".join(lines)] if lines else [say.say("Nothing.")]


def _runbook(record: DrillRecord, say: Words) -> list[str]:
    steps = record.report.runbook
    if not steps:
        return [say.say("No runbook was used.")]
    heads = (say.say("Step"), say.say("Title"), say.say("Declared"), say.say("Took"), say.say("Who"))
    return [markdown.table(heads, [_timed(step, say) for step in steps])]


def _timed(step: TimedStep, say: Words) -> tuple[str, ...]:
    state = {
        StepState.OPEN: say.say("not reached"),
        StepState.SKIPPED: say.say("skipped"),
        StepState.ROLLED_BACK: say.say("rolled back"),
        StepState.KEPT: say.say("done, left as it was"),
    }.get(step.state, "–")
    return (
        str(step.order),
        markdown.name(one_line(step.title)),
        _minutes(step.declared, say) if step.declared else "–",
        _minutes(step.took, say) if step.took is not None else state,
        markdown.name(step.by) or "–",
    )
