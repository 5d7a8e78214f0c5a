"""What all Web API methods share: their description, paging and the check of what they carry."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend, with_ids
from bot.demo.blockkit import Refusal, refuse_message
from bot.demo.errors import SlackError

T = TypeVar("T")
Handler = Callable[[Backend, Arguments], Awaitable[JSON]]


@dataclass(frozen=True)
class Method:
    """One method: what it does and what it asks of the caller."""

    handler: Handler
    scope: str | tuple[str, ...] | None
    tier: Literal["1", "2", "3", "4", "special", "post"]
    token: Literal["bot", "app"] | None = "bot"

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes of which one is enough."""
        return (self.scope,) if isinstance(self.scope, str) else self.scope or ()


@dataclass(frozen=True)
class Content:
    """A message's content, checked and ready to store."""

    text: str
    blocks: list[JSON] | None
    attachments: list[JSON]
    metadata: JSON | None


def raise_refusal(refusal: Refusal | None) -> None:
    """Turn a refusal of the content into the API's answer."""
    if refusal is not None:
        raise SlackError(refusal.error, refusal.messages)


def read_content(args: Arguments, *, update: bool = False) -> Content:
    """The content of a message call, or the error Slack gives for it."""
    blocks = args.structure("blocks", "invalid_blocks_format")
    attachments = args.structure("attachments", "invalid_attachments")
    text = args.text("text")
    raise_refusal(refuse_message(text, blocks, attachments, update=update))
    metadata = _read_metadata(args)
    return Content(text, None if blocks is None else with_ids(blocks), attachments or [], metadata)


def _read_metadata(args: Arguments) -> JSON | None:
    metadata: Any = args.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    return metadata


def page(items: list[T], args: Arguments, *, default: int = 100, maximum: int = 1000) -> tuple[list[T], JSON]:
    """One page of a list, and the response_metadata with the cursor of the next."""
    limit = args.integer("limit", default)
    if not 1 <= limit <= maximum:
        raise SlackError("invalid_limit")
    start = _read_cursor(args.text("cursor"))
    more = start + limit < len(items)
    cursor = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
    return items[start : start + limit], {"next_cursor": cursor}


def _read_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise SlackError("invalid_cursor") from None
