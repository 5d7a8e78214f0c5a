"""A form that is sent after somebody else changed what it is about: nothing is overwritten, and what was typed is
there to be copied."""

from __future__ import annotations

from collections.abc import Callable

from blocks import errors as words
from blocks import organisation
from blocks.kit import Block
from domain.errors import Outdated, VigieError
from handlers import forms
from handlers.slack import Body


def overtaken(body: Body, title: str, action: str, key: str, locale: str) -> Callable[[VigieError], Block | None]:
    """What `submit` asks about a refusal; `action` is the button that begins again from how it is now."""

    def refused(error: VigieError) -> Block | None:
        if not isinstance(error, Outdated):
            return None
        typed = forms.all_typed(body)
        return organisation.outdated(title, words.sentence(error, locale), action, key, locale, typed=typed)

    return refused
