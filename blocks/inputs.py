"""Fields of modals beyond plain text, within Slack's limits (docs.slack.dev, reference/block-kit/block-elements)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blocks import kit
from blocks.kit import Block
from blocks.text import clip, one_line

OPTIONS = 100
OPTION_LIMIT = 75
OPTION_VALUE_LIMIT = 150
ACTION = "chosen"
"""The action id of every menu of ours: its block says what it is about."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: its value is ours, its words people's."""

    value: str
    words: str

    def block(self) -> Block:
        text = clip(one_line(self.words), OPTION_LIMIT) or "…"
        return {"text": {"type": "plain_text", "text": text, "emoji": False}, "value": self.value[:OPTION_VALUE_LIMIT]}


def menu(
    block: str,
    label: str,
    options: Sequence[Option],
    *,
    chosen: str = "",
    is_live: bool = False,
    optional: bool = False,
) -> Block:
    """A menu of at most 100 options. With `is_live` the choice is sent at once, so that the form can change."""
    shown = options[:OPTIONS]
    element: Block = {"type": "static_select", "action_id": ACTION, "options": [one.block() for one in shown]}
    return _field(block, label, element, [one for one in shown if one.value == chosen], is_live, optional)


def search_menu(block: str, label: str, *, chosen: Option | None = None, is_live: bool = False) -> Block:
    """A menu that is too long to send: Vigie is asked for its options while somebody types."""
    element: Block = {"type": "external_select", "action_id": ACTION, "min_query_length": 0}
    return _field(block, label, element, [chosen] if chosen else [], is_live, False)


def _field(block: str, label: str, element: Block, initial: Sequence[Option], is_live: bool, optional: bool) -> Block:
    if initial:
        element["initial_option"] = initial[0].block()
    return {
        "type": "input",
        "block_id": block,
        "optional": optional,
        "dispatch_action": is_live,
        "label": {"type": "plain_text", "text": clip(label, 2000), "emoji": True},
        "element": element,
    }


def suggestions(options: Sequence[Option]) -> dict[str, list[Block]]:
    """The answer to somebody who types in a `search_menu`."""
    return {"options": [one.block() for one in options[:OPTIONS]]}


def with_text(field: Block, text: str) -> Block:
    """A text field with something in it to begin with, as far as it fits."""
    longest = int(field["element"].get("max_length", kit.TEXT_LIMIT))
    fitting = clip(text, longest)
    return {**field, "element": {**field["element"], "initial_value": fitting}} if fitting else field


def picked(values: Mapping[str, Mapping[str, Mapping[str, object]]], block: str) -> str:
    """The value chosen in a menu, from a view's state; "" for none."""
    found = values.get(block, {}).get(ACTION, {}).get("selected_option")
    return str(found.get("value", "")) if isinstance(found, Mapping) else ""
