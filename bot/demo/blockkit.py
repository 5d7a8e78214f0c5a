"""Would Slack take it? Pure checks of messages, modals and home tabs against every limit Slack sets.

Sources: Slack's reference/block-kit, reference/views and methods pages; slackapi/bolt-js#2509 for the sum of
all block text in a message, which Slack refuses from 11-13 thousand characters on without documenting it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.demo.blockkit_blocks import Surface, block_faults
from bot.demo.blockkit_elements import plain
from bot.demo.blockkit_shapes import JSON, boolean, fault, one_of, shape, string

BLOCK_TEXT_BUDGET = 11_000
TEXT_LIMIT = 40_000
UPDATE_TEXT_LIMIT = 4_000
MARKDOWN_BUDGET = 12_000
VIEW_BYTES = 250_000
ATTACHMENTS_LIMIT = 100


@dataclass(frozen=True)
class Refusal:
    """Slack's no: its error name, and the details it gives."""

    error: str
    messages: list[str] = field(default_factory=list)


def text_length(node: Any) -> int:
    """Characters of all text below a block or a list of blocks."""
    if isinstance(node, list):
        return sum(text_length(item) for item in node)
    if not isinstance(node, dict):
        return 0
    own = node.get("text")
    mine = len(own) if isinstance(own, str) else 0
    return mine + sum(text_length(value) for value in node.values())


def check_blocks(blocks: Any, surface: Surface = "message") -> list[str]:
    """Faults of a list of blocks, each with its JSON pointer."""
    if not isinstance(blocks, list):
        return [fault("must be an array", "/blocks")]
    return list(block_faults(blocks, surface))


def refuse_message(text: str, blocks: Any = None, attachments: Any = None, *, update: bool = False) -> Refusal | None:
    """Why chat.postMessage (or chat.update) would refuse this content; None when it would not."""
    if not text and not blocks and not attachments:
        return Refusal("no_text")
    if len(text) > (UPDATE_TEXT_LIMIT if update else TEXT_LIMIT):
        return Refusal("msg_too_long")
    if isinstance(attachments, list) and len(attachments) > ATTACHMENTS_LIMIT:
        return Refusal("too_many_attachments")
    if blocks is None:
        return None
    faults = check_blocks(blocks)
    if faults:
        return Refusal("invalid_blocks", faults)
    return _refuse_length(blocks)


def _refuse_length(blocks: list[JSON]) -> Refusal | None:
    total = text_length(blocks)
    if total > BLOCK_TEXT_BUDGET:
        return Refusal("msg_blocks_too_long", [fault(f"{total} characters of block text", "/blocks")])
    return None


def check_message(text: str, blocks: Any = None, *, update: bool = False) -> list[str]:
    """Every fault of a message as strings; empty when Slack would take it."""
    refusal = refuse_message(text, blocks, update=update)
    return [] if refusal is None else refusal.messages or [fault(refusal.error, "/text")]


def _submit_missing(view: JSON) -> list[str]:
    has_input = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and has_input and not view.get("submit"):
        return [fault("submit is required when an input block is present", "/submit")]
    return []


def _checked_apart(value: Any, pointer: str) -> Iterator[str]:
    """The blocks of a view: checked as a list of their own, for the surface they are on."""
    return iter(())


_COMMON = {
    "private_metadata": string(3000, minimum=0),
    "callback_id": string(255, minimum=0),
    "external_id": string(255, minimum=0),
}
_MODAL = shape(
    {"type": one_of("modal"), "title": plain(24), "blocks": _checked_apart},
    {
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
        **_COMMON,
    },
)
_HOME = shape({"type": one_of("home"), "blocks": _checked_apart}, _COMMON)


def check_view(view: Any) -> list[str]:
    """Every fault of a modal or a home tab; empty when Slack would take it."""
    if not isinstance(view, dict):
        return [fault("must be an object", "/view")]
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return [fault(f"unsupported type: {kind}", "/type")]
    faults = check_blocks(view.get("blocks"), kind)
    faults += (_MODAL if kind == "modal" else _HOME)(view, "")
    return faults or _submit_missing(view)


def refuse_view(view: Any, kind: Surface) -> Refusal | None:
    """Why views.* would refuse this view; None when it would not."""
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
        return Refusal("view_too_large")
    if isinstance(view, dict) and view.get("type") != kind:
        return Refusal("invalid_arguments", [fault(f"type must be {kind}", "/view/type")])
    faults = check_view(view)
    return Refusal("invalid_arguments", faults) if faults else None
