"""The form of a policy's draft."""

from __future__ import annotations

from blocks import errors as words
from blocks import policies as looks
from blocks.kit import Block
from blocks.previews import preview
from handlers.policies.service import Editing


def editor(editing: Editing, locale: str) -> Block:
    """The form of a draft; below the steps what good practice says of it, who would be paged and what changes.
    Before that, whose words it goes on with."""
    if editing.overtaken:
        return looks.outdated(words.conflict(editing.overtaken, locale), editing.draft.key, locale)
    below = preview(editing.preview, editing.draft.key, locale)
    return looks.editor(editing.draft, editing.directory, locale, is_resumed=editing.is_resumed, findings=below)
