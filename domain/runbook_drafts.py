"""A runbook while somebody writes it: its steps put, moved and taken away, what is wrong with it, what it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from domain import sequences
from domain.directory import Directory
from domain.drafts import Difference
from domain.errors import Fault
from domain.runbooks import LONGEST_ITEM, Runbook, RunbookStep

MOST_STEPS = 50
"""The form shows each of them, and a modal takes a hundred blocks."""
MOST_ITEMS = 20
LONGEST_TITLE = 150
LONGEST_STEP_TITLE = 140
LONGEST_TEXT = 3000
MOST_MINUTES = 10_080
"""A week: what the files take too."""
_IDENTITY = ("id", "version_id", "version", "steps")


@dataclass(frozen=True, slots=True)
class RunbookWriting:
    """What `author` has written so far. A new runbook's id is ""; `runbook.version_id` is the version that it began
    from. `edition` grows when the form is drawn anew, so that nothing typed into the one before stays in it."""

    author: str
    runbook: Runbook
    edition: int = 0

    @property
    def key(self) -> str:
        return self.runbook.id

    @property
    def is_new(self) -> bool:
        return not self.runbook.version_id


def begun(author: str, runbook: Runbook, edition: int) -> RunbookWriting:
    """A draft of `runbook`, its steps counted as they stand: files may number them with gaps."""
    return RunbookWriting(author, replace(runbook, steps=sequences.numbered(runbook.steps)), edition)


def onto(draft: RunbookWriting, kept: Runbook) -> RunbookWriting:
    """The same words as a draft of what the runbook says now: saved, they come after it."""
    begun_from = replace(draft.runbook, version_id=kept.version_id, version=kept.version)
    return replace(draft, runbook=begun_from, edition=draft.edition + 1)


def step_at(draft: RunbookWriting, position: int) -> RunbookStep:
    """The step at `position`, counted from 1. Raises Conflict when there is none any more."""
    return sequences.at(draft.runbook.steps, position)


def with_step(draft: RunbookWriting, position: int, step: RunbookStep) -> RunbookWriting:
    """`step` at `position`, or at the end for 0. Raises Invalid when there are too many, Conflict."""
    return _with(draft, sequences.put(draft.runbook.steps, position, step, MOST_STEPS, _TOO_MANY))


_TOO_MANY = f"a runbook takes at most {MOST_STEPS} steps"


def moved(draft: RunbookWriting, position: int, by: int, seen: str = "") -> RunbookWriting:
    """The step at `position` one place up (-1) or down (1), if it is the one that was `seen` there. Raises Conflict."""
    if not sequences.is_there(draft.runbook.steps, position, seen):
        return draft
    return _with(draft, sequences.moved(draft.runbook.steps, position, by))


def without(draft: RunbookWriting, position: int, seen: str = "") -> RunbookWriting:
    """Without the step at `position`, if it is the one that was `seen` there. Raises Conflict."""
    if not sequences.is_there(draft.runbook.steps, position, seen):
        return draft
    return _with(draft, sequences.without(draft.runbook.steps, position))


def _with(draft: RunbookWriting, steps: tuple[RunbookStep, ...]) -> RunbookWriting:
    return replace(draft, runbook=replace(draft.runbook, steps=steps))


def faults(runbook: Runbook, directory: Directory) -> list[Fault]:
    """Why `runbook` can't be saved as it is, field by field."""
    found = []
    named = (one for one in directory.runbooks.values() if one.title.casefold() == runbook.title.casefold())
    if not runbook.title:
        found.append(Fault("title", "give it a title"))
    elif any(one.id != runbook.id for one in named):
        found.append(Fault("title", f"there is a runbook {runbook.title} already"))
    if runbook.service and runbook.service not in directory.services:
        found.append(Fault("service", "that service is no longer there"))
    if not runbook.steps:
        found.append(Fault("steps", "write at least one step"))
    if len(runbook.steps) > MOST_STEPS:
        found.append(Fault("steps", _TOO_MANY))
    for step in runbook.steps:
        found += [Fault("steps", f"step {step.order}: {fault.message}") for fault in step_faults(step)]
    return found


def step_faults(step: RunbookStep) -> Iterator[Fault]:
    """Why a step can't be kept as it is."""
    if not step.title:
        yield Fault("title", "say what to do, in a few words")
    if not 0 <= step.expected_duration <= MOST_MINUTES:
        yield Fault("duration", f"must be from 0 to {MOST_MINUTES} minutes")
    if len(step.checklist) > MOST_ITEMS:
        yield Fault("checklist", f"a checklist takes at most {MOST_ITEMS} lines")
    if any(len(item) > LONGEST_ITEM for item in step.checklist):
        yield Fault("checklist", f"a line of a checklist takes at most {LONGEST_ITEM} characters")


def differences(before: Runbook, after: Runbook) -> tuple[Difference, ...]:
    """What `after` says differently, fields first, then steps in their order."""
    names = [field.name for field in fields(Runbook) if field.name not in _IDENTITY]
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in names)
    changed = [Difference(name, old, new) for name, old, new in pairs if old != new]
    return (*changed, *(Difference("step", *pair) for pair in sequences.changes(before.steps, after.steps)))
