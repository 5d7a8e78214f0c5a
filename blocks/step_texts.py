"""What of a step is run, in a message: whole, or said not to be. Half a command can do harm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from blocks import kit
from blocks.kit import Block, Message
from blocks.text import clean
from blocks.words import Words
from domain.runbooks import RunbookStep

SHOWN = 4000
"""Characters of one command."""
_AROUND = 2200
"""Characters that a step's message has beside its texts: title, buttons, a problem's note, what could not be filled."""
_LEAST = 500


def to_run(text: str) -> Block:
    """A command, or the way back, to be copied."""
    return kit.preformatted(text, SHOWN)


def room(step: RunbookStep, taken: int = 0) -> int:
    """How many characters are left to what is only read, beside what is run and what is `taken`."""
    run = sum(min(len(text), SHOWN) for text in (step.command, step.rollback_instructions))
    return max(kit.MESSAGE_LIMIT - _AROUND - run - taken, _LEAST)


def warned(message: Message, texts: Sequence[str], say: Words) -> Message:
    """`message`, which says so below its title when not all of `texts` stand in it to their end."""
    shown = set(_codes(message.blocks))
    if all(clean(text).strip("\n") in shown for text in texts if text.strip()):
        return message
    told = say.say("✂️ *A command below is too long to be shown whole: do not run it from here.*")
    first, *rest = message.blocks
    return Message(message.text, [first, kit.section(told), *rest])


def _codes(node: Any) -> Iterator[str]:
    """What stands in blocks to be copied."""
    if isinstance(node, dict) and node.get("type") == "rich_text_preformatted":
        yield from (str(one["text"]) for one in node["elements"])
        return
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _codes(inner)
