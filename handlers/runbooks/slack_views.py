"""The form of a runbook's draft, and what became of it."""

from __future__ import annotations

from blocks import errors as words
from blocks import runbook_editor as looks
from blocks.kit import Block
from domain.runbooks import Runbook
from handlers.editing.service import Saved
from handlers.runbooks.editor import Editing


def editor(editing: Editing, locale: str) -> Block:
    """The form of a draft, with what good practice finds; before that, whose words it goes on with."""
    if editing.overtaken:
        return looks.outdated(words.conflict(editing.overtaken, locale), editing.draft.key, locale)
    return looks.editor(editing.draft, editing.directory, editing.findings, locale, is_resumed=editing.is_resumed)


def saved(outcome: Saved[Runbook], locale: str) -> Block:
    """What became of it."""
    return looks.saved(outcome.document, outcome.kept, locale, is_changed=outcome.is_changed)
