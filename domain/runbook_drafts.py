"""A runbook while somebody writes it: its limits, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from domain import sequences
from domain.directory import Directory
from domain.drafts import MOST_MINUTES, Draft, with_steps
from domain.errors import Fault
from domain.runbooks import LONGEST_ITEM, Runbook, RunbookStep

MOST_STEPS = 50
"""The form shows each of them, and a modal takes a hundred blocks."""
MOST_ITEMS = 20
LONGEST_TITLE = 150
LONGEST_STEP_TITLE = 140
LONGEST_TEXT = 3000
TOO_MANY = f"a runbook takes at most {MOST_STEPS} steps"


def counted(runbook: Runbook) -> Runbook:
    """`runbook` with its steps counted as they stand: files may number them with gaps."""
    return replace(runbook, steps=sequences.numbered(runbook.steps))


def with_step(draft: Draft[Runbook], position: int, step: RunbookStep) -> Draft[Runbook]:
    """`step` at `position`, or at the end for 0. Raises Invalid when there are too many, Conflict."""
    return with_steps(draft, sequences.put(draft.document.steps, position, step, MOST_STEPS, TOO_MANY))


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
        found.append(Fault("steps", TOO_MANY))
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
