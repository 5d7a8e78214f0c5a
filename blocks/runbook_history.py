"""What a runbook said before: who changed what, in words, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from blocks import kit
from blocks.incidents import severity_name
from blocks.kit import Block, Confirm
from blocks.policies import moment
from blocks.runbook_editor import title
from blocks.runbook_steps import step_words
from blocks.text import one_line
from blocks.words import Words, words
from domain.carrying import Pair
from domain.directory import Directory
from domain.drafts import Difference, differences
from domain.people import Actor, Permission, may
from domain.runbooks import Runbook, RunbookStep

SHOWN = 20
_LINES = 15
_VALUE_SHOWN = 100
REVISION_SHOWN = 1200
"""Characters of what one version changes: twenty of them stay well under what a view takes."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A version: what it said, who wrote it, and when."""

    runbook: Runbook
    by: str
    at: datetime | None


def history(revisions: Sequence[Revision], directory: Directory, actor: Actor, locale: str) -> Block:
    """The versions, latest first, each with what it changed; one more than is shown says what the last one changed."""
    say = words(locale)
    blocks: list[Block] = []
    for place, revision in enumerate(revisions[:SHOWN]):
        before = revisions[place + 1].runbook if place + 1 < len(revisions) else None
        restores = place > 0 and may(actor.role, Permission.RUNBOOKS)
        blocks.append(_revision(revision, before, directory, say, _restore(revision, say) if restores else None))
    metadata = revisions[0].runbook.id if revisions else ""
    return kit.modal(title(locale), blocks, callback="runbook.history.v1", close=say.say("Close"), metadata=metadata)


def _restore(revision: Revision, say: Words) -> Block:
    version = revision.runbook.version
    asked = say.say("What v{version} said becomes a new version. Runs under way keep theirs.", version=version)
    dialog = Confirm(say.say("Are you sure?"), asked, say.say("Restore"), say.say("Cancel"))
    return kit.button(say.say("Restore"), "runbook.restore.v1", f"{revision.runbook.id}|{version}", confirm=dialog)


def _revision(
    revision: Revision, before: Runbook | None, directory: Directory, say: Words, restore: Block | None
) -> Block:
    by = kit.name(revision.by, 80) if revision.by else say.say("somebody")
    first = f"*v{revision.runbook.version}* · {by} · {moment(revision.at, say)}"
    told = said_changes(before, revision.runbook, directory, say) if before else [say.say("The first version.")]
    if len(told) > _LINES:
        more = len(told) - _LINES
        told = [*told[:_LINES], say.count("… and {n} more change", "… and {n} more changes", more)]
    lines = "\n".join([first, *(f"• {line}" for line in told)])
    return kit.section(kit.clip_markup(lines, REVISION_SHOWN), restore)


def said_changes(
    before: Runbook, after: Runbook, directory: Directory, say: Words, steps: Sequence[Pair] | None = None
) -> list[str]:
    """What `after` says differently, a line each; with `steps`, these are what became of which step."""
    found = differences(before, after)
    if steps is not None:
        fields = (one for one in found if one.what != "step")
        found = (*fields, *(Difference("step", was, now) for was, now in steps))
    return [line for one in found for line in _said(one, directory, say)]


def _said(difference: Difference, directory: Directory, say: Words) -> Iterator[str]:
    before, after = difference.before, difference.after
    if difference.what == "step":
        yield from _step(before, after, say)
    elif difference.what == "description":
        yield say.say("Another description")
    else:
        label = {
            "title": say.say("Title"),
            "service": say.say("Service"),
            "severity_filter": say.say("Severity"),
            "is_active": say.say("Active"),
            "four_eyes": say.say("Four eyes"),
        }[difference.what]
        old, new = (_value(difference.what, value, directory, say) for value in (before, after))
        yield say.say("{label}: {old} → {new}", label=label, old=old, new=new)


def _value(what: str, value: object, directory: Directory, say: Words) -> str:
    if what == "service":
        return kit.name(directory.service_name(str(value)), _VALUE_SHOWN) if value else say.say("every service")
    if what == "severity_filter":
        return severity_name(value) if value else say.say("every severity")  # type: ignore[arg-type]
    if isinstance(value, bool):
        return say.say("yes") if value else say.say("no")
    return kit.name(str(value), _VALUE_SHOWN)


def _step(before: RunbookStep | None, after: RunbookStep | None, say: Words) -> Iterator[str]:
    if after is None:
        assert before is not None
        yield say.say("Step {n} removed: {step}", n=before.order, step=step_words(before, say))
    elif before is None:
        yield say.say("Step {n} added: {step}", n=after.order, step=step_words(after, say))
    else:
        old, new = step_words(before, say), step_words(after, say)
        if old != new:
            yield say.say("Step {n}: {old} → {new}", n=after.order, old=old, new=new)
        yield from _texts(before, after, say)


def _texts(before: RunbookStep, after: RunbookStep, say: Words) -> Iterator[str]:
    """What a step's texts say otherwise: short ones as they were and are, others that they changed."""
    texts = [
        (say.say("command"), before.command, after.command),
        (say.say("description"), before.description, after.description),
        (say.say("checklist"), " / ".join(before.checklist), " / ".join(after.checklist)),
        (say.say("rollback"), before.rollback_instructions, after.rollback_instructions),
    ]
    for label, was, now in texts:
        if was == now:
            continue
        old, new = (one_line(text) for text in (was, now))
        is_short = max(len(old), len(new)) <= _VALUE_SHOWN and old != new
        if is_short:
            shown = {"old": kit.name(old) or "–", "new": kit.name(new) or "–"}
            yield say.say("Step {n}, {field}: {old} → {new}", n=after.order, field=label, **shown)
        else:
            yield say.say("Step {n}: another {field}", n=after.order, field=label)
