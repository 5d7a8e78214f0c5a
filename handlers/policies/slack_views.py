"""What the editor's doors share: the form of a draft, and filling an open modal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import policies as looks
from blocks.kit import Block
from blocks.previews import preview
from handlers.modals import fill_with
from handlers.policies.service import Editing

Result = TypeVar("Result")


def editor(editing: Editing, locale: str) -> Block:
    """The form of a draft; below the steps what good practice says of it, who would be paged and what changes.
    Before that, whose words it goes on with."""
    if editing.overtaken:
        return looks.outdated(words.conflict(editing.overtaken, locale), editing.draft.key, locale)
    below = preview(editing.preview, editing.draft.key, locale)
    return looks.editor(editing.draft, editing.directory, locale, is_resumed=editing.is_resumed, findings=below)


async def fill(
    client: AsyncWebClient, view: str, work: Awaitable[Result], shown: Callable[[Result], Block], locale: str
) -> None:
    """Put what `shown` makes of the result of `work` in an open modal, or why not."""
    await fill_with(client, view, work, shown, title=looks.title(locale), locale=locale)
