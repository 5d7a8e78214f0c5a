"""What the editor's doors share: the form of a draft, what became of it, and filling an open modal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import runbook_editor as looks
from blocks.kit import Block
from domain.runbooks import Runbook
from handlers.editing.service import Saved
from handlers.modals import fill_with
from handlers.runbooks.editor import Editing

Result = TypeVar("Result")


def editor(editing: Editing, locale: str) -> Block:
    """The form of a draft, with what good practice finds; before that, whose words it goes on with."""
    if editing.overtaken:
        return looks.outdated(words.conflict(editing.overtaken, locale), editing.draft.key, locale)
    return looks.editor(editing.draft, editing.directory, editing.findings, locale, is_resumed=editing.is_resumed)


def saved(outcome: Saved[Runbook], locale: str) -> Block:
    """What became of it."""
    return looks.saved(outcome.document, outcome.kept, locale, is_changed=outcome.is_changed)


async def fill(
    client: AsyncWebClient, view: str, work: Awaitable[Result], shown: Callable[[Result], Block], locale: str
) -> None:
    """Put what `shown` makes of the result of `work` in an open modal, or why not."""
    await fill_with(client, view, work, shown, title=looks.title(locale), locale=locale)
