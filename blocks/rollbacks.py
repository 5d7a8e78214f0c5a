"""Giving a run up in its thread: what is to be rolled back, one rollback at a time, and the forms that ask."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import kit, step_texts
from blocks.kit import Block, Message
from blocks.placeholders import placeholder_notes
from blocks.step_forms import roll_back_dialog
from blocks.text import one_line
from blocks.words import Words, words
from domain import rollbacks as rules
from domain.placeholders import NOTHING, Facts, fill
from domain.runbooks import Run, StepState

_LISTED = 40


def abort_button(run: Run, say: Words) -> list[Block]:
    """Offered while there is something to give up."""
    if not rules.may_abort(run):
        return []
    return [kit.button(say.say("Abort and roll back"), "run.abort.v1", run.id, style="danger")]


def abort_title(locale: str) -> str:
    return words(locale).say("Abort the runbook")


def abort_form(run: Run, locale: str) -> Block:
    """What will be asked for, last first, and what can't be rolled back; nothing happens before it is sent."""
    say = words(locale)
    undoable, lasting = rules.pending(run), rules.without_rollback(run)
    told = say.say(
        "The runbook stops. The rollbacks are then asked for in the thread, one at a time: none runs by itself."
    )
    blocks = [kit.paragraph(run.runbook.title, 300), kit.section(told)]
    if undoable:
        label = say.say("*To be rolled back, the last done first:*")
        blocks.append(kit.section(f"{label}\n{_listed(run, undoable, say)}"))
    else:
        blocks.append(kit.section(say.say("No step that was done has a rollback.")))
    if lasting:
        label = say.say("*Done, and without a rollback:*")
        blocks.append(kit.section(f"{label}\n{_listed(run, lasting, say)}"))
    return kit.modal(
        abort_title(locale),
        blocks,
        callback="run.abort.v1",
        submit=say.say("Abort"),
        close=say.say("Cancel"),
        metadata=run.id,
    )


def _listed(run: Run, orders: Sequence[int], say: Words) -> str:
    lines = [f"• {order}. {kit.name(run.step(order)[0].title, 60)}" for order in orders[:_LISTED]]
    if len(orders) > _LISTED:
        lines.append(say.count("… and {n} more step", "… and {n} more steps", len(orders) - _LISTED))
    return "\n".join(lines)


def lasting_line(run: Run, say: Words) -> str:
    """What a run that was given up leaves done; "" for nothing."""
    lasting = rules.without_rollback(run) if run.aborted_at else ()
    if not lasting:
        return ""
    return say.say("⚠️ Done, and without a rollback: {steps}", steps=", ".join(str(order) for order in lasting))


def rollback(run: Run, order: int, locale: str, known: Facts = NOTHING, *, is_open: bool = True) -> Message:
    """One rollback: what to run, and its buttons while it is its turn. `known` fills its placeholders."""
    say = words(locale)
    raw, went = run.step(order)
    filled = fill(rules.only(raw), known)
    title = say.say("Roll back step {step}: {title}", step=order, title=one_line(raw.title))
    blocks: list[Block] = [kit.header(f"↩️ {title}")]
    if went.state is not StepState.DONE:
        blocks.append(kit.section(_settled(run, order, say)))
        return Message(kit.lock_screen(title), blocks)
    blocks += placeholder_notes(filled, known, say)
    blocks.append(step_texts.to_run(filled.step.rollback_instructions))
    place = len([one for one in rules.pending(run) if one != order])
    left = say.count("{n} more rollback after this one", "{n} more rollbacks after this one", place) if place else ""
    warning = say.say("👀 Four eyes: a second person has to agree") if run.runbook.four_eyes and raw.is_critical else ""
    if left or warning:
        blocks.append(kit.context(*(one for one in (left, warning) if one)))
    if is_open and rules.turn(run) == order:
        value = f"{run.id}:{order}"
        # What can't be done as it stands is refused at once, not asked about first.
        dialog = None if filled.gaps else roll_back_dialog(filled.step, say)
        blocks += kit.actions(
            [
                kit.button(say.say("Done"), "rollback.done.v1", value, style="primary", confirm=dialog),
                kit.button(say.say("Skip"), "rollback.skip.v1", value),
            ]
        )
    message = Message(kit.lock_screen(title), blocks)
    return step_texts.warned(message, [filled.step.rollback_instructions], say)


def _settled(run: Run, order: int, say: Words) -> str:
    _, went = run.step(order)
    said = {"name": kit.name(went.by)}
    if went.state is StepState.KEPT:
        line = say.say("Left as it is by {name}", **said)
        label = say.say("Reason")
        note = "\n" + say.say("{label}: {value}", label=f"*{label}*", value=kit.escape(went.note, 1000))
    else:
        line, note = say.say("Rolled back by {name}", **said), ""
    if went.finished_at:
        line += f" · {kit.moment(went.finished_at, say.date(went.finished_at, 'UTC') + ' UTC')}"
    return f"{line}{seconded(run, order, say)}{note}"


def seconded(run: Run, order: int, say: Words) -> str:
    """Who was the second person; "" where none was wanted."""
    _, went = run.step(order)
    if went.glass:
        return " · " + say.say("🚨 without a second person, said {name}", name=kit.name(went.approved_by))
    return " · " + say.say("approved by {name}", name=kit.name(went.approved_by)) if went.approved_by else ""


def skip_title(locale: str) -> str:
    return words(locale).say("Skip the rollback")


def skip_form(run: Run, order: int, locale: str) -> Block:
    """Asks why the step stays as it is."""
    say = words(locale)
    reason = kit.text_input("reason", say.say("Why leave it as it is?"), multiline=True, limit=1000)
    return kit.modal(
        skip_title(locale),
        [kit.paragraph(run.step(order)[0].title, 300), reason],
        callback="rollback.skip.v1",
        submit=say.say("Skip"),
        close=say.say("Cancel"),
        metadata=f"{run.id}:{order}",
    )
