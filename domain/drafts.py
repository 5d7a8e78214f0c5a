"""What somebody writes of a policy or a runbook: its steps put, moved and taken away, and what it changes."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from domain import sequences
from domain.policies import Policy
from domain.runbooks import Runbook

MOST_MINUTES = 10_080
"""A week: what the files take too."""
_IDENTITY = ("id", "version_id", "version", "steps")
Document = TypeVar("Document", Policy, Runbook)


@dataclass(frozen=True, slots=True)
class Draft(Generic[Document]):
    """What `author` has written so far. A new document's id is ""; its `version_id` is the version that it began from.

    `edition` grows when the form is drawn anew, so that nothing typed into the one before stays in it.
    """

    author: str
    document: Document
    edition: int = 0

    @property
    def key(self) -> str:
        return self.document.id

    @property
    def is_new(self) -> bool:
        return not self.document.version_id


@dataclass(frozen=True, slots=True)
class Version(Generic[Document]):
    """What a policy or a runbook said from `at` on, and who wrote it; None and "" when that was not noted."""

    said: Document
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two versions say differently: a field of the document, or "step". A step that is new has no
    `before`, one that is gone no `after`."""

    what: str
    before: Any
    after: Any


def onto(draft: Draft[Document], kept: Document) -> Draft[Document]:
    """The same words as a draft of what the document says now: saved, they come after it."""
    begun_from = replace(draft.document, version_id=kept.version_id, version=kept.version)
    return replace(draft, document=begun_from, edition=draft.edition + 1)


def moved(draft: Draft[Document], position: int, by: int, seen: str = "") -> Draft[Document]:
    """The step at `position` one place up (-1) or down (1); at the end of the list it stays. So it does when
    another was `seen` there. Raises Conflict."""
    if not sequences.is_there(draft.document.steps, position, seen):
        return draft
    return with_steps(draft, sequences.moved(draft.document.steps, position, by))


def without(draft: Draft[Document], position: int, seen: str = "") -> Draft[Document]:
    """Without the step at `position`, if it is the one that was `seen` there. Raises Conflict."""
    if not sequences.is_there(draft.document.steps, position, seen):
        return draft
    return with_steps(draft, sequences.without(draft.document.steps, position))


def with_steps(draft: Draft[Document], steps: tuple[Any, ...]) -> Draft[Document]:
    """The same with these steps, which are of its document's kind."""
    return replace(draft, document=replace(draft.document, steps=steps))


def differences(before: Document, after: Document) -> tuple[Difference, ...]:
    """What `after` says differently, fields first, then steps in their order."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in _fields(before))
    changed = [Difference(name, old, new) for name, old, new in pairs if old != new]
    steps = [Difference("step", was, now) for was, now in sequences.changes(before.steps, after.steps)]
    return tuple(changed + steps)


def _fields(document: Policy | Runbook) -> list[str]:
    return [field.name for field in fields(document) if field.name not in _IDENTITY]
