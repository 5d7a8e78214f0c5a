"""A draft whose author somebody else was faster than: they choose whose words it goes on with."""

from __future__ import annotations

from blocks import kit
from blocks.kit import Block
from blocks.words import words


def overtaken(title: str, text: str, kind: str, key: str, locale: str, *, has_history: bool = True) -> Block:
    """`text` says who was faster; `kind` begins the buttons' names, and `key` is what they are about. What has no
    history is replaced."""
    say = words(locale)
    kept = say.say("What you typed is kept. Go on with it, which leaves theirs in the history, or begin with theirs.")
    if not has_history:
        kept = say.say("What you typed is kept. Go on with it, which replaces theirs, or begin with theirs.")
    buttons = [
        kit.button(say.say("Go on with mine"), f"{kind}.mine.v1", key, style="primary"),
        kit.button(say.say("Begin with theirs"), f"{kind}.restart.v1", key),
        *([kit.button(say.say("History"), f"{kind}.history.v1", key)] if has_history else []),
    ]
    blocks = [kit.paragraph(text), kit.paragraph(kept), *kit.actions(buttons)]
    return kit.modal(title, blocks, callback="notice.v1", close=say.say("Close"))
