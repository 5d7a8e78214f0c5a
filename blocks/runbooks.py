"""A runbook in its incident's thread: the overview, one step at a time, and the forms behind its buttons."""

from __future__ import annotations

import re

from blocks import kit, step_texts
from blocks.carrying import banner
from blocks.kit import Block, Message
from blocks.placeholders import placeholder_notes
from blocks.rollbacks import abort_button, lasting_line, seconded
from blocks.step_forms import done_dialog, roll_back_dialog
from blocks.text import one_line
from blocks.words import Words, words
from domain import rollbacks
from domain.placeholders import NOTHING, Facts, Filled, fill
from domain.runbooks import Run, Runbook, RunbookStep, RunState, RunStep, StepState
from domain.seen_runs import as_seen

_PART_SHOWN = 2500
_BOX = re.compile(r"^([^\S\n]*+)[-*] \[( |x|X)\] ", re.MULTILINE)
_MARKS = {
    StepState.OPEN: "▫️",
    StepState.DONE: "✅",
    StepState.SKIPPED: "⏭️",
    StepState.ROLLED_BACK: "↩️",
    StepState.KEPT: "📌",
}
_LISTED = 30
_LIST_SHOWN = 2400
"""Characters of all titles in the overview, so that the last step is listed as well as the first."""


def progress(run: Run, say: Words, *, is_open: bool) -> str:
    """How far a run is, in a line of mrkdwn. `is_open`: whether the incident still is."""
    done = sum(step.state is StepState.DONE for step in run.steps)
    said = {"title": kit.name(run.runbook.title), "done": done, "total": len(run.steps)}
    if run.aborted_at is not None:
        return _undone(run, say)
    if run.state is RunState.FINISHED or run.current is None:
        return say.say("📖 *{title}*: finished, {done} of {total} steps done", **said)
    if not is_open:
        return say.say("📖 *{title}*: stopped, {done} of {total} steps done", **said)
    place = [step.order for step in run.steps].index(run.current) + 1
    step = kit.name(run.step(run.current)[0].title)
    return say.say("📖 Runbook *{title}*: step {place}/{total} · {step}", place=place, step=step, **said)


def _undone(run: Run, say: Words) -> str:
    """How far a run is that was given up."""
    undone = sum(step.state is StepState.ROLLED_BACK for step in run.steps)
    said = {"title": kit.name(run.runbook.title), "done": undone, "total": undone + len(rollbacks.pending(run))}
    if run.state is RunState.ROLLING_BACK:
        return say.say("↩️ *{title}*: rolling back, {done} of {total} done", **said)
    if run.state is RunState.ROLLED_BACK:
        return say.count("↩️ *{title}*: rolled back, {n} step", "↩️ *{title}*: rolled back, {n} steps", undone, **said)
    return say.say("🛑 *{title}*: stopped, nothing rolled back", **said)


def overview(run: Run, locale: str, *, is_open: bool = True) -> Message:
    """The runbook at a glance: its steps by title, and how long they take or took; the way out while the incident is
    open."""
    say = words(locale)
    title = kit.name(run.runbook.title)
    version = say.say("version {n}, pinned", n=run.runbook.version)
    blocks = [kit.section(f"📖 *{title}* ({version})\n{_length(run, say)}")]
    lines = [_listed(run, place, say) for place in range(min(len(run.steps), _LISTED))]
    if len(run.steps) > _LISTED:
        lines.append(say.count("… and {n} more step", "… and {n} more steps", len(run.steps) - _LISTED))
    if lines:
        blocks.append(kit.section("\n".join(lines)))
    if lasting := lasting_line(run, say):
        blocks.append(kit.section(lasting))
    blocks += kit.actions(abort_button(run, say)) if is_open else []
    return Message(say.say("Runbook: {title}", title=kit.lock_screen(run.runbook.title)), blocks)


def _length(run: Run, say: Words) -> str:
    steps = say.count("{n} step", "{n} steps", len(run.steps))
    if run.aborted_at is not None:
        return _stopped(run, steps, say)
    if run.state is not RunState.RUNNING and run.finished_at:
        time = say.span(run.finished_at - run.started_at)
        return say.say("{steps}, finished in {time}", steps=steps, time=time)
    expected = sum(step.expected_duration for step in run.runbook.steps)
    return say.say("{steps}, about {time}", steps=steps, time=say.minutes(expected)) if expected else steps


def _stopped(run: Run, steps: str, say: Words) -> str:
    """When a run was given up and when that was over."""
    begun, over = run.aborted_at or run.started_at, run.finished_at
    said = {"steps": steps, "name": kit.name(run.aborted_by), "time": kit.clock_time(begun, say.clock(begun, "UTC"))}
    line = say.say("{steps}, stopped by {name} at {time}", **said)
    if run.state is not RunState.ROLLED_BACK or over is None:
        return line
    return f"{line} · " + say.say("rolled back in {time}", time=say.span(over - begun))


def _listed(run: Run, place: int, say: Words) -> str:
    written, went = run.runbook.steps[place], run.steps[place]
    title = kit.name(written.title, min(_LIST_SHOWN // min(len(run.steps), _LISTED), kit.NAME_LIMIT))
    is_open = went.state is StepState.OPEN
    mark = "▶️" if is_open and run.current == went.order else _MARKS[went.state]
    warning = " ⚠️" if written.must_be_confirmed and is_open else ""
    took = "" if is_open else _took(went, say)
    return f"{mark} {place + 1}. {title}{warning}{f' · {took}' if took else ''}"


def _took(went: RunStep, say: Words) -> str:
    if went.started_at is None or went.finished_at is None:
        return ""
    return say.span(went.finished_at - went.started_at)


def step(
    run: Run,
    order: int,
    locale: str,
    is_open: bool = True,
    known: Facts = NOTHING,
    newer: Runbook | None = None,
) -> Message:
    """One step: what to do, the command to copy, what to beware of; its buttons while it waits. `is_open`: whether
    the incident still is; `known`: what fills its placeholders; `newer`: what the
    runbook says now, when that is newer than the run."""
    say = words(locale)
    raw, went = run.step(order)
    filled = fill(raw, known)
    written = filled.step
    place = f"{[one.order for one in run.steps].index(order) + 1}/{len(run.steps)}"
    title = say.say("Step {place}: {title}", place=place, title=one_line(written.title))
    is_live = is_open and run.aborted_at is None and run.state is not RunState.CARRIED_OVER
    if went.state is StepState.OPEN:
        notice = banner(run, newer, say) if is_live and run.current == order else []
        blocks = [kit.header(title), *notice, *_open(run, filled, known, went, say)]
        if not is_live:
            blocks.append(kit.context(_left_open(run, is_open, say)))
    else:
        blocks = [kit.header(f"{_MARKS[went.state]} {title}"), kit.section(_settled(run, went, say))]
        if is_live and went.state is StepState.DONE:
            blocks += _rollback(written, went, say)
    if is_live:
        blocks += kit.actions(_buttons(run, filled, went, say), as_seen(run))
    runs = [written.rollback_instructions, *([written.command] if went.state is StepState.OPEN else [])]
    message = Message(kit.lock_screen(title), blocks)
    return step_texts.warned(message, runs, say) if _is_read(run, went, is_live) else message


def _is_read(run: Run, went: RunStep, is_live: bool) -> bool:
    """Whether what a step says to run is shown: it waits, or it can be rolled back."""
    return went.state is StepState.OPEN or (is_live and went.state is StepState.DONE)


def _left_open(run: Run, is_open: bool, say: Words) -> str:
    if run.state is RunState.CARRIED_OVER:
        return say.say("🔄 This run goes on with v{version}, further down.", version=run.carried_to)
    if not is_open:
        return say.say("The incident is over; this step was left open.")
    return say.say("{name} has stopped this runbook; this step was left open.", name=kit.name(run.aborted_by))


def _open(run: Run, filled: Filled, known: Facts, went: RunStep, say: Words) -> list[Block]:
    written = filled.step
    blocks: list[Block] = placeholder_notes(filled, known, say)
    if went.has_problem:
        said = say.say("🚧 *{name} has a problem here.*", name=kit.name(went.by))
        blocks.append(kit.section(f"{said} {kit.escape(went.note, 1000)}"))
        blocks += _rollback(written, went, say)
        blocks.append(kit.section(say.say("*The step as written:*")))
    listed = checklist(written)
    if written.description.strip():
        left = step_texts.room(written, len(listed[0]["text"]["text"]) if listed else 0)
        blocks.append(kit.paragraph(ticked(written.description), min(_PART_SHOWN, left)))
    blocks += listed
    blocks += [step_texts.to_run(written.command)] if written.command.strip() else []
    small = [_expected(written, say), _warning(written, say), _four_eyes(run, written, say)]
    if any(small):
        blocks.append(kit.context(*small))
    return blocks if went.has_problem else blocks + _rollback(written, went, say)


def _rollback(written: RunbookStep, went: RunStep, say: Words) -> list[Block]:
    if not written.rollback_instructions.strip():
        return []
    label = say.say("↩️ *To roll back:*") if went.has_problem else say.say("↩️ If it goes wrong, roll back:")
    return [kit.section(label), step_texts.to_run(written.rollback_instructions)]


def checklist(written: RunbookStep) -> list[Block]:
    """What is ticked off on the way, a line each."""
    items = [f"☐ {one_line(item)}" for item in written.checklist if item.strip()]
    return [kit.paragraph("\n".join(items), min(_PART_SHOWN, step_texts.room(written)))] if items else []


def ticked(text: str) -> str:
    """Boxes written as in Markdown, as boxes."""
    return _BOX.sub(lambda found: f"{found[1]}{'☑' if found[2].strip() else '☐'} ", text)


def _expected(written: RunbookStep, say: Words) -> str:
    if not written.expected_duration:
        return ""
    return say.say("⏱️ about {time}", time=say.minutes(written.expected_duration))


def _warning(written: RunbookStep, say: Words) -> str:
    if written.is_critical:
        return say.say("⚠️ *Critical step*: Done asks you to confirm")
    return say.say("☝️ Done asks you to confirm") if written.requires_confirmation else ""


def _four_eyes(run: Run, written: RunbookStep, say: Words) -> str:
    is_wanted = run.runbook.four_eyes and written.is_critical
    return say.say("👀 Four eyes: a second person has to agree") if is_wanted else ""


def _settled(run: Run, went: RunStep, say: Words) -> str:
    """Who, how long, when; confirmed by whom; and why, or what went wrong."""
    name = kit.name(went.by)
    line = {
        StepState.DONE: say.say("Done by {name}", name=name),
        StepState.SKIPPED: say.say("Skipped by {name}", name=name),
        StepState.ROLLED_BACK: say.say("Rolled back by {name}", name=name),
        StepState.KEPT: say.say("Left as it is by {name}", name=name),
    }[went.state]
    if went.state is StepState.DONE and went.started_at and went.finished_at:
        line += " " + say.say("in {time}", time=_took(went, say))
    if went.finished_at:
        line += f" · {kit.moment(went.finished_at, say.date(went.finished_at, 'UTC') + ' UTC')}"
    if went.confirmed_by and went.state is StepState.DONE:
        line += " · " + say.say("confirmed by {name}", name=kit.name(went.confirmed_by))
    line += seconded(run, went.order, say)
    if not went.note.strip():
        return line
    label = say.say("Reason") if went.state in (StepState.SKIPPED, StepState.KEPT) else say.say("Problem")
    return f"{line}\n" + say.say("{label}: {value}", label=f"*{label}*", value=kit.escape(went.note, 1000))


def _buttons(run: Run, filled: Filled, went: RunStep, say: Words) -> list[Block]:
    written = filled.step
    value = f"{run.id}:{went.order}"
    made: list[Block] = []
    if went.state is StepState.OPEN and run.current == went.order:
        # What can't be done as it stands is refused at once, not asked about first.
        dialog = done_dialog(filled.step, say) if written.must_be_confirmed and not filled.gaps else None
        made = [
            kit.button(say.say("Done"), "step.done.v1", value, style="primary", confirm=dialog),
            kit.button(say.say("Skip"), "step.skip.v1", value),
            kit.button(say.say("Problem"), "step.problem.v1", value),
        ]
    is_carried_out = went.state is StepState.DONE or run.current == went.order
    if written.rollback_instructions.strip() and is_carried_out:
        dialog = roll_back_dialog(written, say)
        style = "danger" if went.has_problem else ""
        made.append(kit.button(say.say("Roll back"), "step.roll_back.v1", value, style=style, confirm=dialog))
    return made
