"""Composition objects and elements (Slack, reference/block-kit/composition-objects and block-elements)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
)

URL = string(3000, pattern=r"(?s)[A-Za-z][A-Za-z0-9+.-]*:\S+")
ANY_ID = string(255)


def plain(maximum: int) -> Check:
    """A plain_text object."""
    return typed({"plain_text": shape({"text": string(maximum)}, {"emoji": boolean})})


def rich(maximum: int) -> Check:
    """A text object of either kind."""
    mrkdwn = shape({"text": string(maximum)}, {"verbatim": boolean})
    return typed({"plain_text": shape({"text": string(maximum)}, {"emoji": boolean}), "mrkdwn": mrkdwn})


CONFIRM = shape(
    {"title": plain(100), "text": rich(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = shape({"text": plain(75), "value": string(150)}, {"description": plain(75)})
OVERFLOW_OPTION = shape({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": URL})
CHOICE_OPTION = shape({"text": rich(75), "value": string(150)}, {"description": rich(75)})
OPTION_GROUP = shape({"label": plain(75), "options": many(OPTION, 1, 100)}, {})
SUGGESTED = shape(
    {},
    {"options": many(OPTION, 0, 100), "option_groups": many(OPTION_GROUP, 0, 100)},
    exactly_one("options", "option_groups"),
)
"""The answer to a block_suggestion."""
FILTER = shape(
    {},
    {
        "include": many(one_of("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
DISPATCH = shape({}, {"trigger_actions_on": many(one_of("on_enter_pressed", "on_character_entered"), 1, 2)})
SLACK_FILE = shape({}, {"id": ANY_ID, "url": URL}, exactly_one("id", "url"))


def _initial_known(value: JSON, pointer: str) -> Iterator[str]:
    """What is chosen at first has to be among the options."""
    groups = value.get("option_groups") or []
    options = [*(value.get("options") or []), *(option for group in groups for option in group["options"])]
    chosen = [value["initial_option"]] if value.get("initial_option") else value.get("initial_options") or []
    for option in chosen:
        if option not in options:
            yield fault("initial option must match one of the options", pointer)


def _lengths_fit(value: JSON, pointer: str) -> Iterator[str]:
    maximum = value.get("max_length", 3000)
    if value.get("min_length", 0) > maximum:
        yield fault("min_length must not exceed max_length", f"{pointer}/min_length")
    if len(value.get("initial_value") or "") > maximum:
        yield fault("initial_value must not exceed max_length", f"{pointer}/initial_value")


def _interactive(required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> Check:
    return shape(required, {"action_id": ANY_ID, **optional}, *rules)


def _input(required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> Check:
    """An element that keeps a state: placeholder, focus and a confirm dialog are theirs."""
    return _interactive(required, {"focus_on_load": boolean, "confirm": CONFIRM, **optional}, *rules)


def _select(optional: Mapping[str, Check], *rules: Rule) -> Check:
    return _input({}, {"placeholder": plain(150), **optional}, *rules)


def _multi_select(optional: Mapping[str, Check], *rules: Rule) -> Check:
    return _select({"max_selected_items": integer(1, 100), **optional}, *rules)


def _typing(optional: Mapping[str, Check], *rules: Rule, required: Mapping[str, Check] | None = None) -> Check:
    typing = {"placeholder": plain(150), "dispatch_action_config": DISPATCH, "focus_on_load": boolean}
    return _interactive(required or {}, {**typing, **optional}, *rules)


_STATIC = {"options": many(OPTION, 1, 100), "option_groups": many(OPTION_GROUP, 1, 100)}
_STATIC_RULES = (exactly_one("options", "option_groups"), _initial_known)
_INITIAL_IDS = many(ANY_ID, 1, 100)
_BUTTON_LOOKS = {"accessibility_label": string(75), "value": string(2000), "confirm": CONFIRM}

ELEMENTS: dict[str, Check] = {
    "button": _interactive({"text": plain(75)}, {"url": URL, "style": one_of("primary", "danger"), **_BUTTON_LOOKS}),
    "icon_button": _interactive(
        {"text": plain(75), "icon": string(255)},
        {"visible_to_user_ids": many(ANY_ID, 1, 10), **_BUTTON_LOOKS},
    ),
    "feedback_buttons": _interactive(
        {
            side: shape({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
            for side in ("positive_button", "negative_button")
        },
        {},
    ),
    "image": shape(
        {"alt_text": string(2000)},
        {"image_url": URL, "slack_file": SLACK_FILE},
        exactly_one("image_url", "slack_file"),
    ),
    "overflow": _interactive({"options": many(OVERFLOW_OPTION, 1, 5)}, {"confirm": CONFIRM}),
    "checkboxes": _input(
        {"options": many(CHOICE_OPTION, 1, 10)},
        {"initial_options": many(CHOICE_OPTION, 1, 10)},
        _initial_known,
    ),
    "radio_buttons": _input({"options": many(CHOICE_OPTION, 1, 10)}, {"initial_option": CHOICE_OPTION}, _initial_known),
    "static_select": _select({**_STATIC, "initial_option": OPTION}, *_STATIC_RULES),
    "multi_static_select": _multi_select({**_STATIC, "initial_options": many(OPTION, 1, 100)}, *_STATIC_RULES),
    "external_select": _select({"initial_option": OPTION, "min_query_length": integer(0, 100)}),
    "multi_external_select": _multi_select(
        {"initial_options": many(OPTION, 1, 100), "min_query_length": integer(0, 100)}
    ),
    "users_select": _select({"initial_user": ANY_ID}),
    "multi_users_select": _multi_select({"initial_users": _INITIAL_IDS}),
    "channels_select": _select({"initial_channel": ANY_ID, "response_url_enabled": boolean}),
    "multi_channels_select": _multi_select({"initial_channels": _INITIAL_IDS}),
    "conversations_select": _select(
        {
            "initial_conversation": ANY_ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": FILTER,
        }
    ),
    "multi_conversations_select": _multi_select(
        {"initial_conversations": _INITIAL_IDS, "default_to_current_conversation": boolean, "filter": FILTER}
    ),
    "datepicker": _select({"initial_date": string(10, pattern=r"\d{4}-\d{2}-\d{2}")}),
    "timepicker": _select({"initial_time": string(5, pattern=r"[0-2]\d:[0-5]\d"), "timezone": string(100)}),
    "datetimepicker": _input({}, {"initial_date_time": integer(10**9, 10**10 - 1)}),
    "plain_text_input": _typing(
        {
            "initial_value": string(3000, minimum=0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        _lengths_fit,
    ),
    "number_input": _typing(
        {name: string(30, pattern=r"-?\d+(\.\d+)?") for name in ("initial_value", "min_value", "max_value")},
        required={"is_decimal_allowed": boolean},
    ),
    "email_text_input": _typing({"initial_value": string(3000, minimum=0)}),
    "url_text_input": _typing({"initial_value": string(3000, minimum=0)}),
    "file_input": _interactive({}, {"filetypes": many(string(20), 1, 100), "max_files": integer(1, 10)}),
}

_SELECTS = {"static_select", "external_select", "users_select", "channels_select", "conversations_select"}
_MULTI_SELECTS = {f"multi_{name}" for name in _SELECTS}
_CHOICES = {"checkboxes", "radio_buttons", "datepicker", "timepicker", *_SELECTS}
IN_ACTIONS = {"button", "overflow", "datetimepicker", *_CHOICES}
IN_SECTION = {"button", "overflow", "image", *_CHOICES, *_MULTI_SELECTS}
IN_INPUT = {
    "datetimepicker",
    "plain_text_input",
    "number_input",
    "email_text_input",
    "url_text_input",
    "file_input",
    *_CHOICES,
    *_MULTI_SELECTS,
}
