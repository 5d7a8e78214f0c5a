"""What a step's buttons ask before anything happens: is it done, why skip it, what does not go as written."""

from __future__ import annotations

from blocks import kit, step_texts
from blocks.kit import Block, Confirm
from blocks.text import clean, clip, one_line
from blocks.words import Words, words
from domain.placeholders import NOTHING, Facts, fill
from domain.runbooks import Run, RunbookStep
from domain.seen_runs import as_seen

_DIALOG_COMMAND = 110


def done_dialog(written: RunbookStep, say: Words) -> Confirm:
    """Asks on the spot; `written` has its placeholders filled."""
    command = _first_command(written)
    text = _asked(written, say)
    return Confirm(
        say.say("Is this step done?"),
        f"{text}\n\n{clip(command, _DIALOG_COMMAND)}" if command else text,
        say.say("Yes, it is done"),
        say.say("Not yet"),
    )


def roll_back_dialog(written: RunbookStep, say: Words) -> Confirm:
    """Asks whether the rollback was carried out: the button does not do it."""
    return Confirm(
        say.say("Roll back?"),
        say.say("Say yes once you have carried out the rollback of “{title}”.", title=_short(written.title)),
        say.say("Yes, rolled back"),
        say.say("Cancel"),
    )


def _asked(written: RunbookStep, say: Words) -> str:
    """What is confirmed: the step by its title."""
    title = _short(written.title)
    if written.is_critical:
        return say.say("“{title}” is critical. Your name and the time are noted.", title=title)
    return say.say("“{title}” asks for confirmation. Your name and the time are noted.", title=title)


def _first_command(written: RunbookStep) -> str:
    """The first line that does something."""
    lines = [line.strip() for line in clean(written.command).splitlines()]
    return next((line for line in lines if line and not line.startswith("#")), "")


def _short(title: str) -> str:
    """A title for a dialog, which takes 300 characters in all."""
    return clip(one_line(title), 80)


def confirm_title(locale: str) -> str:
    return words(locale).say("Confirm the step")


def confirm_form(run: Run, order: int, locale: str, known: Facts = NOTHING) -> Block:
    """The confirmation, for a click that came without a dialog: what is confirmed, and the command on its own."""
    say = words(locale)
    written = fill(run.step(order)[0], known).step
    blocks = [kit.paragraph(_asked(written, say), 500)]
    if written.command.strip():
        blocks.append(step_texts.to_run(written.command))
    return kit.modal(
        confirm_title(locale),
        blocks,
        callback="step.confirm.v1",
        submit=say.say("Yes, it is done"),
        close=say.say("Not yet"),
        metadata=f"{as_seen(run)}:{order}",
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
        metadata=f"{as_seen(run)}:{order}",
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
        metadata=f"{as_seen(run)}:{order}",
    )
