"""The form that carries a run over to a newer version of its runbook."""

from __future__ import annotations

from blocks import kit
from blocks.carrying import orders_words
from blocks.kit import Block
from blocks.runbook_history import said_changes
from blocks.words import Words, words
from domain import carrying
from domain.carrying import Carried
from domain.directory import Directory
from domain.runbooks import Run

_LINES = 20


def carry_title(locale: str) -> str:
    return words(locale).say("Carry over")


def carry_form(run: Run, carried: Carried, directory: Directory, locale: str) -> Block:
    """What the newer version says otherwise, what stays done, and what has to be done again; nothing happens before it
    is sent."""
    say = words(locale)
    newest = carried.run.runbook
    said = {"old": run.runbook.version, "new": newest.version}
    lines = said_changes(run.runbook, newest, directory, say, carrying.changes(run.runbook, newest))
    shown = [f"• {line}" for line in lines[:_LINES]]
    if len(lines) > _LINES:
        shown.append(say.count("… and {n} more change", "… and {n} more changes", len(lines) - _LINES))
    heading = say.say("*From v{old} to v{new}*", **said)
    blocks = [
        kit.paragraph(newest.title, 300),
        kit.section(kit.clip_markup("\n".join([heading, *shown]), 2500)),
        kit.section(_kept(carried, say)),
    ]
    if carried.again:
        steps = orders_words(carried.again)
        told = say.say("👀 To be done again, now that a second person has to agree: {steps}", steps=steps)
        blocks.append(kit.section(told))
    told = say.say("Steps are the same when their titles are, else when their commands are.")
    blocks.append(kit.context(told))
    return kit.modal(
        carry_title(locale),
        blocks,
        callback="run.carry.v1",
        submit=say.say("Carry over"),
        close=say.say("Cancel"),
        metadata=f"{run.id}|{newest.version_id}",
    )


def _kept(carried: Carried, say: Words) -> str:
    if not carried.kept:
        return say.say("No step stays done: the run begins anew.")
    return say.say("✅ Stays as it is: {steps}", steps=orders_words(carried.kept))
