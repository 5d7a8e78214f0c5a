"""Every limit of Block Kit, at the limit and one past it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.blockkit import (
    BLOCK_TEXT_BUDGET,
    VIEW_BYTES,
    check_blocks,
    check_message,
    check_view,
    refuse_message,
    refuse_view,
    text_length,
)

JSON = dict[str, Any]


def plain(text: str = "x") -> JSON:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "x") -> JSON:
    return {"type": "mrkdwn", "text": text}


def chars(count: int) -> str:
    return "x" * count


def section(**fields: Any) -> JSON:
    return {"type": "section", "text": mrkdwn(), **fields}


def actions(*elements: JSON) -> JSON:
    return {"type": "actions", "elements": list(elements)}


def button(**fields: Any) -> JSON:
    return {"type": "button", "text": plain(), **fields}


def options(count: int, **fields: Any) -> list[JSON]:
    return [{"text": plain(f"option {n}"), "value": str(n), **fields} for n in range(count)]


def select(**fields: Any) -> JSON:
    return {"type": "static_select", "action_id": "pick", "options": options(2), **fields}


def field(element: JSON, **fields: Any) -> JSON:
    return {"type": "input", "label": plain(), "element": element, **fields}


def text_input(**fields: Any) -> JSON:
    return field({"type": "plain_text_input", "action_id": "text", **fields})


def confirm(**fields: Any) -> JSON:
    return button(confirm={"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **fields})


def one_option(**fields: Any) -> JSON:
    return actions(select(options=[{"text": plain(), "value": "v", **fields}]))


def rich_text(*parts: JSON) -> JSON:
    return {"type": "rich_text", "elements": list(parts)}


def table(rows: int, columns: int) -> JSON:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows}


def image(**fields: Any) -> JSON:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "x", **fields}


def url(count: int) -> str:
    return "https://a/".ljust(count, "x")


def choices(kind: str, count: int) -> JSON:
    return actions({"type": kind, "action_id": "pick", "options": options(count)})


def bulleted(indent: int) -> JSON:
    part = {"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}
    return rich_text({"type": "rich_text_list", "style": "bullet", "elements": [part], "indent": indent})


Maker = Callable[[int], JSON]
# What is limited -> (the limit, a block with so much of it, the pointer Slack would give one past it).
LIMITS: dict[str, tuple[int, Maker, str]] = {
    "section text": (3000, lambda n: section(text=mrkdwn(chars(n))), "/text/text"),
    "section fields": (10, lambda n: section(fields=[plain()] * n), "/fields"),
    "field text": (2000, lambda n: section(fields=[mrkdwn(chars(n))]), "/fields/0/text"),
    "header": (150, lambda n: {"type": "header", "text": plain(chars(n))}, "/text/text"),
    "block_id": (255, lambda n: section(block_id=chars(n)), "/block_id"),
    "context elements": (10, lambda n: {"type": "context", "elements": [mrkdwn()] * n}, "/elements"),
    "context text": (3000, lambda n: {"type": "context", "elements": [plain(chars(n))]}, "/elements/0/text"),
    "actions": (25, lambda n: actions(*[button()] * n), "/elements"),
    "button text": (75, lambda n: actions(button(text=plain(chars(n)))), "/elements/0/text/text"),
    "button value": (2000, lambda n: actions(button(value=chars(n))), "/elements/0/value"),
    "button url": (3000, lambda n: actions(button(url=url(n))), "/elements/0/url"),
    "accessibility label": (75, lambda n: actions(button(accessibility_label=chars(n))), "label"),
    "action_id": (255, lambda n: actions(button(action_id=chars(n))), "/elements/0/action_id"),
    "confirm title": (100, lambda n: actions(confirm(title=plain(chars(n)))), "/confirm/title/text"),
    "confirm text": (300, lambda n: actions(confirm(text=mrkdwn(chars(n)))), "/confirm/text/text"),
    "confirm yes": (30, lambda n: actions(confirm(confirm=plain(chars(n)))), "/confirm/confirm/text"),
    "confirm no": (30, lambda n: actions(confirm(deny=plain(chars(n)))), "/confirm/deny/text"),
    "select options": (100, lambda n: actions(select(options=options(n))), "/options"),
    "option text": (75, lambda n: one_option(text=plain(chars(n))), "/options/0/text/text"),
    "option value": (150, lambda n: one_option(value=chars(n)), "/options/0/value"),
    "option description": (75, lambda n: one_option(description=plain(chars(n))), "/description/text"),
    "placeholder": (150, lambda n: actions(select(placeholder=plain(chars(n)))), "/placeholder/text"),
    "overflow": (5, lambda n: choices("overflow", n), "/options"),
    "checkboxes": (10, lambda n: choices("checkboxes", n), "/options"),
    "radio buttons": (10, lambda n: choices("radio_buttons", n), "/options"),
    "min_length": (3000, lambda n: text_input(min_length=n), "/element/min_length"),
    "max_length": (3000, lambda n: text_input(max_length=n), "/element/max_length"),
    "initial_value": (9, lambda n: text_input(max_length=9, initial_value=chars(n)), "/initial_value"),
    "input label": (2000, lambda n: {**text_input(), "label": plain(chars(n))}, "/label/text"),
    "input hint": (2000, lambda n: {**text_input(), "hint": plain(chars(n))}, "/hint/text"),
    "image url": (3000, lambda n: image(image_url=url(n)), "/image_url"),
    "image alt": (2000, lambda n: image(alt_text=chars(n)), "/alt_text"),
    "image title": (2000, lambda n: image(title=plain(chars(n))), "/title/text"),
    "table rows": (100, lambda n: table(n, 2), "/rows"),
    "table columns": (20, lambda n: table(2, n), "/rows/0"),
    "list indent": (8, bulleted, "/indent"),
    "alert": (200, lambda n: {"type": "alert", "text": mrkdwn(chars(n))}, "/text/text"),
    "markdown": (12_000, lambda n: {"type": "markdown", "text": chars(n)}, "/text"),
    "carousel": (
        10,
        lambda n: {"type": "carousel", "elements": [{"type": "card", "title": plain()}] * n},
        "ele",
    ),
}


@pytest.mark.parametrize("limited", LIMITS)
def test_limits(limited: str) -> None:
    limit, make, pointer = LIMITS[limited]
    assert check_blocks([make(limit)]) == []
    faults = check_blocks([make(limit + 1)])
    assert any("[json-pointer:/blocks/0" in fault and pointer in fault for fault in faults), faults


def group(**fields: Any) -> JSON:
    element = select(option_groups=[{"label": plain(), "options": options(1), **fields}])
    del element["options"]
    return actions(element)


GROUP_LIMITS: dict[str, tuple[int, Maker]] = {
    "label": (75, lambda n: group(label=plain(chars(n)))),
    "options of one": (100, lambda n: group(options=options(n))),
}


@pytest.mark.parametrize("limited", GROUP_LIMITS)
def test_option_groups(limited: str) -> None:
    limit, make = GROUP_LIMITS[limited]
    assert check_blocks([make(limit)]) == []
    assert check_blocks([make(limit + 1)])


FAULTY: dict[str, JSON] = {
    "unknown block": {"type": "balloon"},
    "no type": {"text": plain()},
    "not an object": "section",  # type: ignore[dict-item]
    "unknown field": section(colour="red"),
    "empty text": section(text=mrkdwn("")),
    "empty section": {"type": "section"},
    "null text": section(text=None),
    "mrkdwn header": {"type": "header", "text": mrkdwn()},
    "mrkdwn button": actions(button(text=mrkdwn())),
    "unknown text kind": section(text={"type": "html", "text": "x"}),
    "emoji on mrkdwn": section(text={**mrkdwn(), "emoji": True}),
    "text of a number": section(text=plain(3)),  # type: ignore[arg-type]
    "no elements": actions(),
    "twice the same action_id": actions(button(action_id="a"), button(action_id="a")),
    "input element among actions": actions({"type": "plain_text_input"}),
    "multi select among actions": actions({"type": "multi_users_select"}),
    "button in an input": field(button()),
    "unknown element": actions({"type": "lever"}),
    "bad style": actions(button(style="green")),
    "empty select": actions(select(options=[])),
    "options and groups": actions(select(option_groups=[{"label": plain(), "options": options(1)}])),
    "stranger as initial option": actions(select(initial_option={"text": plain("?"), "value": "?"})),
    "option without value": one_option(value=None),
    "url in a select option": one_option(url="https://example.com"),
    "mrkdwn in a select option": one_option(text=mrkdwn()),
    "max_length of none": text_input(max_length=0),
    "min over max": text_input(min_length=5, max_length=4),
    "mrkdwn label": {**text_input(), "label": mrkdwn()},
    "image of nothing": {"type": "image", "alt_text": "x"},
    "image without words": {"type": "image", "image_url": "https://example.com/a.png"},
    "image by a bare name": image(image_url="a.png"),
    "ragged table": {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * n for n in (1, 2)]},
    "date in words": actions({"type": "datepicker", "initial_date": "tomorrow"}),
    "time in words": actions({"type": "timepicker", "initial_time": "noon"}),
    "number input without its flag": field({"type": "number_input"}),
    "file input in a message": field({"type": "file_input"}),
    "unknown rich text part": rich_text({"type": "rich_text_poem", "elements": []}),
    "rich text without style": rich_text({"type": "rich_text_list", "elements": []}),
    "empty rich text": rich_text({"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}),
}


@pytest.mark.parametrize("faulty", FAULTY)
def test_faults(faulty: str) -> None:
    assert check_blocks([FAULTY[faulty]])


RICH = rich_text(
    {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"bold": True}}]},
    {
        "type": "rich_text_preformatted",
        "elements": [{"type": "text", "text": "kubectl get pods"}],
        "border": 0,
    },
    {"type": "rich_text_quote", "elements": [{"type": "user", "user_id": "U1"}]},
)
SOUND: dict[str, JSON] = {
    "divider": {"type": "divider"},
    "accessory": section(accessory={"type": "overflow", "action_id": "more", "options": options(1)}),
    "chosen at first": actions(select(initial_option=options(2)[1])),
    "users": actions({"type": "users_select", "action_id": "who", "placeholder": plain()}),
    "conversations": field({"type": "conversations_select", "filter": {"include": ["public"]}}),
    "many users": field({"type": "multi_users_select", "max_selected_items": 3}, optional=True),
    "rich text": RICH,
    "radio with mrkdwn": field({"type": "radio_buttons", "options": options(1, description=mrkdwn())}),
    "overflow link": actions({"type": "overflow", "options": options(1, url="https://example.com")}),
}


@pytest.mark.parametrize("sound", SOUND)
def test_what_slack_takes(sound: str) -> None:
    assert check_blocks([SOUND[sound]]) == []


def test_blocks_in_a_message() -> None:
    assert check_message("x", [{"type": "divider"}] * 50) == []
    assert check_message("x", [{"type": "divider"}] * 51) == [
        "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"
    ]


def test_block_ids_are_unique() -> None:
    assert check_message("x", [section(block_id="a"), section(block_id="b")]) == []
    assert "/blocks/1/block_id" in check_message("x", [section(block_id="a"), section(block_id="a")])[0]


def test_one_table_a_message() -> None:
    assert "one table" in check_message("x", [table(1, 1), table(1, 1)])[0]


@pytest.mark.parametrize(
    ("text", "blocks", "update", "error"),
    [
        ("", None, False, "no_text"),
        ("", [], False, "no_text"),
        ("", [section()], False, None),
        (chars(40_000), None, False, None),
        (chars(40_001), None, False, "msg_too_long"),
        (chars(4_000), None, True, None),
        (chars(4_001), None, True, "msg_too_long"),
        ("x", "not a list", False, "invalid_blocks"),
        ("x", [{"type": "balloon"}], False, "invalid_blocks"),
        ("x", [section(text=mrkdwn(chars(2_750)))] * 4, False, None),
        ("x", [section(text=mrkdwn(chars(2_750)))] * 4 + [section()], False, "msg_blocks_too_long"),
    ],
)
def test_why_a_message_is_refused(text: str, blocks: Any, update: bool, error: str | None) -> None:
    refusal = refuse_message(text, blocks, update=update)
    assert (refusal.error if refusal else None) == error


def test_all_text_counts() -> None:
    assert text_length([section(fields=[plain("ab")], accessory=button(text=plain("cde"))), RICH]) == 23
    assert BLOCK_TEXT_BUDGET == 11_000


def modal(*blocks: JSON, **fields: Any) -> JSON:
    return {"type": "modal", "title": plain(), "blocks": list(blocks) or [section()], **fields}


VIEW_LIMITS: dict[str, tuple[int, Maker]] = {
    "title": (24, lambda n: modal(title=plain(chars(n)))),
    "submit": (24, lambda n: modal(submit=plain(chars(n)))),
    "close": (24, lambda n: modal(close=plain(chars(n)))),
    "callback_id": (255, lambda n: modal(callback_id=chars(n))),
    "external_id": (255, lambda n: modal(external_id=chars(n))),
    "private_metadata": (3000, lambda n: modal(private_metadata=chars(n))),
    "modal blocks": (100, lambda n: modal(*[section()] * n)),
    "home blocks": (100, lambda n: {"type": "home", "blocks": [section()] * n}),
}


@pytest.mark.parametrize("limited", VIEW_LIMITS)
def test_view_limits(limited: str) -> None:
    limit, make = VIEW_LIMITS[limited]
    assert check_view(make(limit)) == []
    assert len(check_view(make(limit + 1))) == 1


FAULTY_VIEWS: dict[str, Any] = {
    "not a view": None,
    "no type": {"blocks": [section()]},
    "no title": {"type": "modal", "blocks": [section()]},
    "no blocks": {"type": "modal", "title": plain()},
    "empty": {"type": "home", "blocks": []},
    "mrkdwn title": modal(title=mrkdwn()),
    "input without submit": modal(text_input()),
    "titled home": {"type": "home", "title": plain(), "blocks": [section()]},
    "given back with its id": modal(id="V1"),
    "markdown in a modal": modal({"type": "markdown", "text": "x"}),
    "table in a home": {"type": "home", "blocks": [table(1, 1)]},
    "two with the focus": modal(*[text_input(focus_on_load=True)] * 2, submit=plain()),
}


@pytest.mark.parametrize("faulty", FAULTY_VIEWS)
def test_faulty_views(faulty: str) -> None:
    assert check_view(FAULTY_VIEWS[faulty])


def test_sound_views() -> None:
    assert check_view(modal(text_input(), submit=plain(), notify_on_close=True)) == []
    assert check_view({"type": "home", "blocks": [section(), actions(button())], "callback_id": "home"}) == []


def test_a_view_of_250_kb_is_too_large() -> None:
    cards = [section(text=plain(chars(2_900))) for _ in range(85)]
    refusal = refuse_view(modal(*cards), "modal")
    assert VIEW_BYTES > 85 * 2_900
    assert refusal is not None and refusal.error == "view_too_large"
    assert refuse_view(modal(*cards[:80]), "modal") is None


def test_a_view_is_for_its_surface() -> None:
    refusal = refuse_view(modal(), "home")
    assert refusal is not None and refusal.error == "invalid_arguments"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", "section", "actions", "plain_text"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "blocks", "elements", "options", "block_id"]), inner)
    ),
    max_leaves=12,
)


@given(anything)
def test_no_shape_breaks_the_checks(content: Any) -> None:
    assert isinstance(check_blocks([content]), list)
    assert isinstance(check_view({"type": "modal", "title": plain(), "blocks": content}), list)
    refuse_message("x", content)
