"""A runbook in its incident's thread: the overview, one step at a time, and the forms behind its buttons."""

from __future__ import annotations

import re

from blocks import kit
from blocks.kit import Block, Confirm, Message
from blocks.words import Words, words
from domain.runbooks import Run, RunbookStep, RunState, RunStep, StepState

PART_LIMIT = 2700
"""Description, command and rollback together stay under what Slack takes of a message's text."""
_BOX = re.compile(r"^(\s*)[-*] \[( |x|X)\] ", re.MULTILINE)
_MARKS = {StepState.OPEN: "▫️", StepState.DONE: "✅", StepState.SKIPPED: "⏭️", StepState.ROLLED_BACK: "↩️"}
_LISTED = 30


def overview(run: Run, locale: str) -> Message:
    """The runbook at a glance: its steps by title, and how long they take or took."""
    say = words(locale)
    title = kit.escape(run.runbook.title)
    version = say.say("version {n}, pinned", n=run.runbook.version)
    blocks = [kit.section(f"📖 *{title}* ({version})\n{_length(run, say)}")]
    lines = [_listed(run, place, say) for place in range(min(len(run.steps), _LISTED))]
    if len(run.steps) > _LISTED:
        lines.append(say.count("… and {n} more step", "… and {n} more steps", len(run.steps) - _LISTED))
    if lines:
        blocks.append(kit.section("\n".join(lines)))
    return Message(say.say("Runbook: {title}", title=kit.lock_screen(run.runbook.title)), blocks)


def _length(run: Run, say: Words) -> str:
    steps = say.count("{n} step", "{n} steps", len(run.steps))
    if run.state is not RunState.RUNNING and run.finished_at:
        return say.say("{steps}, finished in {time}", steps=steps, time=say.span(run.finished_at - run.started_at))
    expected = sum(step.expected_duration for step in run.runbook.steps)
    return say.say("{steps}, about {time}", steps=steps, time=say.minutes(expected)) if expected else steps


def _listed(run: Run, place: int, say: Words) -> str:
    written, went = run.runbook.steps[place], run.steps[place]
    title = kit.escape(written.title[:200])
    warning = " ⚠️" if written.must_be_confirmed and went.state is StepState.OPEN else ""
    took = f" · {_took(went, say)}" if went.state is not StepState.OPEN else ""
    return f"{_MARKS[went.state]} {place + 1}. {title}{warning}{took}"


def _took(went: RunStep, say: Words) -> str:
    if went.started_at is None or went.finished_at is None:
        return ""
    return say.span(went.finished_at - went.started_at)


def step(run: Run, order: int, locale: str, is_open: bool = True) -> Message:
    """One step: what to do, the command to copy, what to beware of; its buttons while it waits."""
    say = words(locale)
    written, went = run.step(order)
    place = f"{[one.order for one in run.steps].index(order) + 1}/{len(run.steps)}"
    title = say.say("Step {place}: {title}", place=place, title=written.title)
    blocks = [kit.header(f"{_MARKS[went.state]} {title}" if went.state is not StepState.OPEN else title)]
    if went.state is StepState.OPEN:
        blocks += _open(written, went, say)
    else:
        blocks.append(kit.section(_settled(went, say)))
    if is_open and run.state is not RunState.ABORTED:
        blocks += kit.actions(_buttons(run, written, went, say))
    return Message(kit.lock_screen(title), blocks)


def _open(written: RunbookStep, went: RunStep, say: Words) -> list[Block]:
    blocks: list[Block] = []
    if written.description.strip():
        blocks.append(kit.paragraph(_boxes(written.description), PART_LIMIT))
    if written.command.strip():
        blocks.append(kit.preformatted(written.command, PART_LIMIT))
    small = [_expected(written, say), _warning(written, say)]
    if any(small):
        blocks.append(kit.context(*small))
    if went.has_problem:
        said = say.say("⚠️ *Problem*, says {name}: {text}", name=kit.escape(went.by), text=kit.escape(went.note[:500]))
        blocks.append(kit.section(said))
    if written.rollback_instructions.strip():
        label = say.say("↩️ *To roll back:*") if went.has_problem else say.say("↩️ If it goes wrong, roll back:")
        blocks += [kit.section(label), kit.preformatted(written.rollback_instructions, PART_LIMIT)]
    return blocks


def _boxes(text: str) -> str:
    return _BOX.sub(lambda found: f"{found[1]}{'☑' if found[2].strip() else '☐'} ", text)


def _expected(written: RunbookStep, say: Words) -> str:
    if not written.expected_duration:
        return ""
    return say.say("⏱️ about {time}", time=say.minutes(written.expected_duration))


def _warning(written: RunbookStep, say: Words) -> str:
    if written.is_critical:
        return say.say("⚠️ *Critical step*: it asks before it is done")
    return say.say("☝️ Asks for confirmation") if written.requires_confirmation else ""


def _settled(went: RunStep, say: Words) -> str:
    said = {"name": kit.escape(went.by), "time": _took(went, say)}
    line = {
        StepState.DONE: say.say("Done by {name} in {time}", **said),
        StepState.SKIPPED: say.say("Skipped by {name}", **said),
        StepState.ROLLED_BACK: say.say("Rolled back by {name}", **said),
    }[went.state]
    if went.confirmed_by and went.state is StepState.DONE:
        line += " · " + say.say("confirmed by {name}", name=kit.escape(went.confirmed_by))
    return f"{line}: {kit.escape(went.note)}" if went.note else line


def _buttons(run: Run, written: RunbookStep, went: RunStep, say: Words) -> list[Block]:
    value = f"{run.id}:{went.order}"
    made: list[Block] = []
    if went.state is StepState.OPEN:
        dialog = _confirm(written, say) if written.must_be_confirmed else None
        made = [
            kit.button(say.say("Done"), "step.done.v1", value, style="primary", confirm=dialog),
            kit.button(say.say("Skip"), "step.skip.v1", value),
            kit.button(say.say("Problem"), "step.problem.v1", value),
        ]
    if written.rollback_instructions.strip() and went.state in (StepState.OPEN, StepState.DONE):
        dialog = Confirm(
            say.say("Roll back?"),
            say.say("Say yes once you have carried out the rollback of “{title}”.", title=written.title[:150]),
            say.say("Rolled back"),
            say.say("Cancel"),
        )
        style = "danger" if went.has_problem else ""
        made.append(kit.button(say.say("Roll back"), "step.roll_back.v1", value, style=style, confirm=dialog))
    return made


def _confirm(written: RunbookStep, say: Words) -> Confirm:
    return Confirm(
        say.say("Is this step done?"),
        _asked(written, say),
        say.say("Yes, it is done"),
        say.say("Not yet"),
    )


def _asked(written: RunbookStep, say: Words) -> str:
    title = written.title[:120]
    if written.is_critical:
        return say.say("“{title}” is critical. Your name and the time are noted.", title=title)
    return say.say("“{title}” asks for confirmation. Your name and the time are noted.", title=title)


def confirm_title(locale: str) -> str:
    return words(locale).say("Confirm the step")


def confirm_form(run: Run, order: int, locale: str) -> Block:
    """The confirmation, for a click that came without a dialog."""
    say = words(locale)
    written, _ = run.step(order)
    return kit.modal(
        confirm_title(locale),
        [kit.paragraph(_asked(written, say))],
        callback="step.confirm.v1",
        submit=say.say("Yes, it is done"),
        close=say.say("Not yet"),
        metadata=f"{run.id}:{order}",
    )


def skip_title(locale: str) -> str:
    return words(locale).say("Skip the step")


def skip_form(run: Run, order: int, locale: str) -> Block:
    """Asks for the reason."""
    say = words(locale)
    written, _ = run.step(order)
    reason = kit.text_input("reason", say.say("Why skip it?"), multiline=True, limit=1000)
    return kit.modal(
        skip_title(locale),
        [kit.paragraph(written.title, 300), reason],
        callback="step.skip.v1",
        submit=say.say("Skip"),
        close=say.say("Cancel"),
        metadata=f"{run.id}:{order}",
    )


def problem_title(locale: str) -> str:
    return words(locale).say("A problem")


def problem_form(run: Run, order: int, locale: str) -> Block:
    """Asks what does not go as written; words help, and are not needed."""
    say = words(locale)
    written, _ = run.step(order)
    asked = kit.text_input("words", say.say("What does not go as written?"), multiline=True, optional=True, limit=1000)
    return kit.modal(
        problem_title(locale),
        [kit.paragraph(written.title, 300), asked],
        callback="step.problem.v1",
        submit=say.say("Tell the team"),
        close=say.say("Cancel"),
        metadata=f"{run.id}:{order}",
    )
