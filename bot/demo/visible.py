"""What a reader sees of blocks: the words, the buttons, and the element under a finger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]
# Shown only once a menu or a dialog is open, so not part of what the eye meets on the message.
HIDDEN_UNTIL_OPENED = frozenset({"options", "option_groups", "confirm", "initial_option", "initial_options"})


@dataclass(frozen=True)
class Placed:
    """An element together with the block that holds it."""

    block: JSON
    element: JSON

    @property
    def action_id(self) -> str:
        """The element's action_id."""
        return str(self.element["action_id"])

    @property
    def block_id(self) -> str:
        """The block_id of the block around it."""
        return str(self.block["block_id"])


def words(blocks: list[JSON]) -> str:
    """Every text of the blocks, top to bottom, one a line."""
    return "\n".join(text for block in blocks for text in _texts(block))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        if node and all(isinstance(item, dict) and item.get("type") in _INLINE for item in node):
            yield "".join(text for item in node for text in _inline(item))
            return
        for item in node:
            yield from _texts(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in HIDDEN_UNTIL_OPENED:
                continue
            if name in ("text", "alt_text") and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)


_INLINE = frozenset({"text", "link", "user", "channel", "usergroup", "emoji", "broadcast", "date"})


def _inline(item: JSON) -> Iterator[str]:
    """The pieces of one rich-text line, joined by the caller as the eye reads them."""
    match item["type"]:
        case "text":
            yield item["text"]
        case "link":
            yield str(item.get("text") or item["url"])
        case "user":
            yield f"<@{item['user_id']}>"
        case "channel":
            yield f"<#{item['channel_id']}>"
        case "usergroup":
            yield f"<!subteam^{item['usergroup_id']}>"
        case "emoji":
            yield f":{item['name']}:"
        case "broadcast":
            yield f"@{item['range']}"
        case "date":
            yield str(item.get("fallback") or item["format"])


def placed_elements(blocks: list[JSON]) -> Iterator[Placed]:
    """Every interactive element, in reading order."""
    for block in blocks:
        candidates = [block.get("element"), block.get("accessory"), *(block.get("elements") or [])]
        for element in candidates:
            if isinstance(element, dict) and "action_id" in element:
                yield Placed(block, element)


def label(placed: Placed) -> str:
    """What names an element to a person: its own text, its block's label, or its placeholder."""
    for holder, name in ((placed.element, "text"), (placed.block, "label"), (placed.element, "placeholder")):
        text = holder.get(name)
        if isinstance(text, dict) and (name != "text" or placed.element["type"] == "button"):
            return str(text["text"])
    return placed.action_id


def buttons(blocks: list[JSON]) -> list[str]:
    """Labels of the buttons, in reading order."""
    return [label(placed) for placed in placed_elements(blocks) if placed.element["type"] == "button"]


def options_of(element: JSON) -> list[JSON]:
    """All options of a menu, its groups flattened."""
    options: list[JSON] = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options += group["options"]
    return options


def find(blocks: list[JSON], name: str, *, value: str | None = None, block_id: str | None = None) -> Placed:
    """The one element a person means by `name`: label, action_id or block_id; `value` settles a tie."""
    found = [
        placed
        for placed in placed_elements(blocks)
        if name in (label(placed), placed.action_id, placed.block_id)
        and (value is None or placed.element.get("value") == value)
        and (block_id is None or placed.block_id == block_id)
    ]
    if len(found) == 1:
        return found[0]
    shown = [f"{label(placed)} ({placed.action_id})" for placed in placed_elements(blocks)]
    problem = "no element" if not found else f"{len(found)} elements"
    raise LookupError(f"{problem} named {name!r}; on screen: {shown}")
