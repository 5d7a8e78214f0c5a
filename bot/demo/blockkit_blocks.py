"""The blocks (Slack, reference/block-kit/blocks) and the surfaces that take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from bot.demo.blockkit_elements import (
    ANY_ID,
    ELEMENTS,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    SLACK_FILE,
    URL,
    plain,
    rich,
)
from bot.demo.blockkit_rich_text import RICH_TEXT
from bot.demo.blockkit_shapes import (
    JSON,
    Check,
    Rule,
    at_least_one,
    boolean,
    exactly_one,
    fault,
    integer,
    many,
    one_of,
    shape,
    string,
    typed,
    unique,
)

Surface = Literal["message", "modal", "home"]
MAX_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}


def _block(required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> Check:
    return shape(required, {"block_id": ANY_ID, **optional}, *rules)


def _width(value: JSON, pointer: str) -> Iterator[str]:
    """All rows of a table are as wide as the first."""
    widths = {len(row) for row in value["rows"]}
    if len(widths) > 1:
        yield fault("all rows must have the same number of cells", f"{pointer}/rows")


def _dispatching(value: JSON, pointer: str) -> Iterator[str]:
    if value["element"]["type"] == "file_input" and value.get("dispatch_action"):
        yield fault("file_input cannot dispatch actions", f"{pointer}/dispatch_action")


def _element(allowed: set[str]) -> Check:
    return typed(ELEMENTS, allowed)


_IMAGE = ELEMENTS["image"]
_CONTEXT = {
    "image": _IMAGE,
    "mrkdwn": rich(3000),
    "plain_text": rich(3000),
}
_CELL = typed(
    {
        "rich_text": RICH_TEXT,
        "raw_text": shape({"text": string(3000)}, {}),
        "raw_number": shape({"value": integer(-(10**15), 10**15)}, {"text": string(3000)}),
    }
)
_COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})
_CARD = _block(
    {},
    {
        "hero_image": _IMAGE,
        "icon": _IMAGE,
        "title": rich(150),
        "subtitle": rich(150),
        "body": rich(200),
        "actions": many(_element({"button"}), 1, 3),
    },
    at_least_one("hero_image", "title", "actions", "body"),
)

BLOCKS: dict[str, Check] = {
    "section": _block(
        {},
        {
            "text": rich(3000),
            "fields": many(rich(2000), 1, 10),
            "accessory": _element(IN_SECTION),
            "expand": boolean,
        },
        at_least_one("text", "fields"),
    ),
    "header": _block({"text": plain(150)}, {}),
    "divider": _block({}, {}),
    "context": _block({"elements": many(typed(_CONTEXT), 1, 10)}, {}),
    "actions": _block({"elements": many(_element(IN_ACTIONS), 1, 25)}, {}, unique("elements", "action_id")),
    "context_actions": _block(
        {"elements": many(_element({"feedback_buttons", "icon_button"}), 1, 5)},
        {},
        unique("elements", "action_id"),
    ),
    "input": _block(
        {"label": plain(2000), "element": _element(IN_INPUT)},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
        _dispatching,
    ),
    "image": _block(
        {"alt_text": string(2000)},
        {"image_url": URL, "slack_file": SLACK_FILE, "title": plain(2000)},
        exactly_one("image_url", "slack_file"),
    ),
    "video": _block(
        {"alt_text": string(2000), "title": plain(199), "thumbnail_url": URL, "video_url": URL},
        {
            "author_name": string(49),
            "description": plain(200),
            "provider_icon_url": URL,
            "provider_name": string(255),
            "title_url": URL,
        },
    ),
    "file": _block({"external_id": ANY_ID, "source": one_of("remote")}, {}),
    "markdown": _block({"text": string(12_000)}, {}),
    "rich_text": RICH_TEXT,
    "table": _block({"rows": many(many(_CELL, 1, 20), 1, 100)}, {"column_settings": many(_COLUMN, 1, 20)}, _width),
    "alert": _block({"text": rich(200)}, {"level": one_of("default", "info", "warning", "error", "success")}),
    "card": _CARD,
    "carousel": _block({"elements": many(typed({"card": _CARD}), 1, 10)}, {}),
}
_EVERYWHERE = {"section", "header", "divider", "context", "actions", "input", "image", "video", "rich_text"}
_MESSAGE_ONLY = {"context_actions", "file", "markdown", "table", "card", "carousel"}
ALLOWED: dict[Surface, set[str]] = {
    "message": _EVERYWHERE | _MESSAGE_ONLY | {"alert"},
    "modal": _EVERYWHERE | {"alert"},
    "home": _EVERYWHERE,
}


def block_faults(blocks: list[JSON], surface: Surface) -> Iterator[str]:
    """Faults of a whole list of blocks on a surface."""
    minimum = 0 if surface == "message" else 1
    check = many(typed(BLOCKS, ALLOWED[surface]), minimum, MAX_BLOCKS[surface])
    yield from check(blocks, "/blocks")
    yield from unique("blocks", "block_id")({"blocks": blocks}, "")
    yield from _single(blocks, surface)


def _single(blocks: list[JSON], surface: Surface) -> Iterator[str]:
    """What a message or a view may hold only once or only elsewhere."""
    known = [block for block in blocks if isinstance(block, dict)]
    if sum(block.get("type") == "table" for block in known) > 1:
        yield fault("only one table per message", "/blocks")
    elements = [(index, block.get("element") or {}) for index, block in enumerate(known)]
    for index, element in elements:
        if surface != "modal" and element.get("type") == "file_input":
            yield fault("file_input is only allowed in modals", f"/blocks/{index}/element")
    if sum(element.get("focus_on_load") is True for _, element in elements) > 1:
        yield fault("only one element may have focus_on_load", "/blocks")
