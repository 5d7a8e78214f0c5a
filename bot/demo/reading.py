"""A Slack message as lines of plain text: what a reader sees of it, for a terminal."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

from bot.demo.records import JSON, Message
from bot.demo.workspace import Workspace

Labelled = Callable[[str, str], str]
"""A label with its value, as the reader's language joins them."""
_INDENT = "    "
_NOTHING: JSON = {"type": "plain_text", "text": ""}
_ENTITY = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_BOLD = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])")
_ITALIC = re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)")
_CODE = re.compile(r"(?<!`)`++([^`\n]++)`++")


Line = tuple[str, ...]
"""What stands beside each other: each part may change alone."""


def lines(message: Message, workspace: Workspace, labelled: Labelled) -> list[Line]:
    """Top to bottom; buttons are one line, a command keeps its shape."""
    reader = _Reader(workspace, labelled)
    if not message.blocks:
        return [(line,) for line in reader.plain(message.text).splitlines()]
    found = (tuple(part for part in line if part.strip()) for block in message.blocks for line in reader.block(block))
    return [line for line in found if line]


class _Reader:
    def __init__(self, workspace: Workspace, labelled: Labelled) -> None:
        self._workspace = workspace
        self._labelled = labelled

    def block(self, block: JSON) -> Iterator[Line]:
        match block["type"]:
            case "header" | "section":
                yield from ((line,) for line in self._text(block.get("text", _NOTHING)).splitlines())
                yield tuple(self._field(field) for field in block.get("fields", ()))
            case "context":
                yield tuple(self._text(one) for one in block["elements"] if one["type"] != "image")
            case "rich_text":
                yield from ((line,) for part in block["elements"] for line in self._part(part))
            case "actions":
                texts = (one["text"]["text"] for one in block["elements"] if one["type"] == "button")
                yield (" ".join(f"[{text}]" for text in texts),)

    def plain(self, text: str) -> str:
        bare = _ENTITY.sub(self._entity, text)
        for marks in (_CODE, _BOLD, _ITALIC):
            bare = marks.sub(r"\1", bare)
        return html.unescape(bare)

    def _text(self, text: JSON) -> str:
        return self.plain(text["text"]) if text["type"] == "mrkdwn" else str(text["text"])

    def _field(self, field: JSON) -> str:
        label, line_break, value = self._text(field).partition("\n")
        return self._labelled(label, value.replace("\n", " ")) if line_break else label

    def _part(self, part: JSON) -> Iterator[str]:
        match part["type"]:
            case "rich_text_list":
                yield from (f"• {self._inline(item['elements'])}" for item in part["elements"])
            case "rich_text_preformatted":
                yield from (f"{_INDENT}{line}" for line in self._inline(part["elements"]).splitlines())
            case _:
                yield from self._inline(part["elements"]).splitlines()

    def _inline(self, items: list[JSON]) -> str:
        return "".join(self._piece(item) for item in items)

    def _piece(self, item: JSON) -> str:
        match item["type"]:
            case "user":
                return self._person(item["user_id"])
            case "channel":
                return self._channel(item["channel_id"])
            case "emoji":
                return f":{item['name']}:"
            case "broadcast":
                return f"@{item['range']}"
            case _:
                return str(item.get("text") or item.get("fallback") or item.get("url") or "")

    def _entity(self, found: re.Match[str]) -> str:
        sign, name, label = found[1], found[2], found[3]
        known: dict[str, Callable[[str], str]] = {"@": self._person, "#": self._channel}
        return label or known.get(sign, _itself)(name)

    def _person(self, identity: str) -> str:
        user: Any = self._workspace.users.get(identity)
        return user.real_name if user else identity

    def _channel(self, identity: str) -> str:
        channel = self._workspace.channels.get(identity)
        return f"#{channel.name}" if channel else f"#{identity}"


def _itself(name: str) -> str:
    return name
