"""Modals that are no form: what stands there until a form comes, and what is said in its place."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import kit
from blocks.kit import Block
from blocks.words import words


def loading(title: str, locale: str, callback: str = "loading.v1") -> Block:
    """A modal that is open before anything is known."""
    say = words(locale)
    return kit.modal(title, [kit.section(say.say("One moment…"))], callback=callback, close=say.say("Cancel"))


def opening(title: str, locale: str) -> Block:
    """The same for a form that is on its way: should Slack lose what fills it, nobody waits for ever."""
    shown = loading(title, locale)
    hint = kit.context(words(locale).say("If nothing comes, close this and try again."))
    return {**shown, "blocks": [*shown["blocks"], hint]}


def notice(title: str, text: str, locale: str, *, typed: Sequence[tuple[str, str]] = ()) -> Block:
    """A modal that only says something; below it what was `typed` for nothing (label and text)."""
    blocks = [kit.paragraph(text), *typed_below(typed, locale)]
    return kit.modal(title, blocks, callback="notice.v1", close=words(locale).say("Close"))


def typed_below(typed: Sequence[tuple[str, str]], locale: str) -> list[Block]:
    """What somebody typed into a form that is gone (label and text), to be copied."""
    if not typed:
        return []
    blocks = [kit.divider(), kit.section(words(locale).say("*What you typed*"))]
    for label, said in typed:
        blocks += [kit.context(kit.name(label)), kit.paragraph(said)]
    return blocks
