"""What a runbook said before: who changed what, in words, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from blocks import kit, revisions
from blocks.incidents import severity_name
from blocks.kit import Block
from blocks.runbook_editor import title
from blocks.runbook_steps import step_words
from blocks.text import one_line
from blocks.words import Words, words
from domain.carrying import Pair
from domain.directory import Directory
from domain.drafts import Difference, Version, differences
from domain.people import Actor, Permission
from domain.runbooks import Runbook, RunbookStep

_VALUE_SHOWN = 100


def history(versions: Sequence[Version[Runbook]], directory: Directory, actor: Actor, locale: str) -> Block:
    """The versions of a runbook, latest first."""
    say = words(locale)

    def restored(version: int) -> str:
        return say.say("What v{version} said becomes a new version. Runs under way keep theirs.", version=version)

    def changes(before: Runbook, after: Runbook) -> list[str]:
        return said_changes(before, after, directory, say)

    story = revisions.Story("runbook", title(locale), Permission.RUNBOOKS, restored, changes)
    return revisions.history(versions, story, actor, locale)


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
