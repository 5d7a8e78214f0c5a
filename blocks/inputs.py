"""The fields of forms, beyond text: numbers, choices, and Slack's own pickers, which list nobody's channels for us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from blocks.kit import Block, plain
from blocks.text import one_line

OPTION_LIMIT = 75
OPTION_VALUE_LIMIT = 150
OPTIONS = 100
"""Options of one menu, or of one group of it; a menu has at most as many groups."""
MENU_OPTIONS = 5


def labelled(
    block: str, label: str, element: Block, *, optional: bool = False, hint: str = "", acts: bool = False
) -> Block:
    """An element as a form's field; one that `acts` tells at once what is chosen in it."""
    made: Block = {
        "type": "input",
        "block_id": block,
        "optional": optional,
        "label": plain(label, 2000),
        "element": element,
    }
    if hint:
        made["hint"] = plain(hint, 2000)
    if acts:
        made["dispatch_action"] = True
    return made


def option(text: str, value: str) -> Block:
    return {"text": plain(one_line(text), OPTION_LIMIT), "value": value[:OPTION_VALUE_LIMIT]}


def number(least: int, most: int, initial: int | None = None) -> Block:
    """A whole number."""
    made: Block = {
        "type": "number_input",
        "action_id": "number",
        "is_decimal_allowed": False,
        "min_value": str(least),
        "max_value": str(most),
    }
    if initial is not None:
        made["initial_value"] = str(initial)
    return made


def select(options: Sequence[Block], chosen: str, action: str = "choice") -> Block:
    """A menu of any length that has `chosen` (a value) chosen; one of more than a hundred options is in groups."""
    made: Block = {"type": "static_select", "action_id": action}
    if len(options) <= OPTIONS:
        made["options"] = list(options)
    else:
        starts = range(0, min(len(options), OPTIONS * OPTIONS), OPTIONS)
        made["option_groups"] = [_group(options[start : start + OPTIONS]) for start in starts]
    initial = [one for one in options[: OPTIONS * OPTIONS] if one["value"] == chosen]
    if initial:
        made["initial_option"] = initial[0]
    return made


def several(options: Sequence[Block], chosen: Sequence[str], most: int) -> Block:
    """A menu of any length in which up to `most` are chosen, those of `chosen` (values) to begin with."""
    made: Block = select(options, "", "several") | {"type": "multi_static_select", "max_selected_items": most}
    initial = [one for one in options if one["value"] in chosen]
    return made | ({"initial_options": initial[:OPTIONS]} if initial else {})


def _group(options: Sequence[Block]) -> Block:
    first, last = (str(one["text"]["text"])[:30] for one in (options[0], options[-1]))
    return {"label": plain(f"{first} – {last}", OPTION_LIMIT), "options": list(options)}


def radio(options: Sequence[Block], chosen: str, action: str) -> Block:
    """A few choices, all of them before the eye."""
    initial = [one for one in options if one["value"] == chosen]
    made: Block = {"type": "radio_buttons", "action_id": action, "options": list(options)}
    return made | ({"initial_option": initial[0]} if initial else {})


def checkboxes(options: Sequence[Block], chosen: Sequence[str]) -> Block:
    """Boxes, those of `chosen` (values) ticked."""
    initial = [one for one in options if one["value"] in chosen]
    made: Block = {"type": "checkboxes", "action_id": "boxes", "options": list(options)}
    return made | ({"initial_options": initial} if initial else {})


def menu(action: str, options: Sequence[Block]) -> Block:
    """The three dots beside a row; Slack takes five choices."""
    return {"type": "overflow", "action_id": action, "options": list(options[:MENU_OPTIONS])}


def user_picker(initial: str = "") -> Block:
    """Slack's own picker of people."""
    made: Block = {"type": "users_select", "action_id": "user"}
    return made | ({"initial_user": initial} if initial else {})


def channel_picker(initial: str = "") -> Block:
    """Slack's own picker of channels."""
    wanted = {"include": ["public", "private"], "exclude_bot_users": True}
    made: Block = {"type": "conversations_select", "action_id": "channel", "filter": wanted}
    return made | ({"initial_conversation": initial} if initial else {})


def moment(initial: datetime | None = None) -> Block:
    """A day and a time, which Slack shows in the reader's own zone; `initial` is aware."""
    made: Block = {"type": "datetimepicker", "action_id": "moment"}
    return made | ({"initial_date_time": int(initial.timestamp())} if initial else {})


def address(initial: str = "") -> Block:
    """An e-mail address."""
    made: Block = {"type": "email_text_input", "action_id": "address"}
    return made | ({"initial_value": initial} if initial else {})


def web_address(initial: str = "") -> Block:
    """An address of the web."""
    made: Block = {"type": "url_text_input", "action_id": "url"}
    return made | ({"initial_value": initial} if initial else {})


def user_pickers(initial: Sequence[str] = ()) -> Block:
    """Slack's own picker of several people, in the order that they are chosen in."""
    made: Block = {"type": "multi_users_select", "action_id": "users"}
    return made | ({"initial_users": list(initial[:OPTIONS])} if initial else {})


def date_picker(initial: str = "") -> Block:
    """A day, as 2026-12-01."""
    made: Block = {"type": "datepicker", "action_id": "date"}
    return made | ({"initial_date": initial} if initial else {})


def time_picker(initial: str = "") -> Block:
    """A time of a clock on a wall, as 09:00."""
    made: Block = {"type": "timepicker", "action_id": "time"}
    return made | ({"initial_time": initial} if initial else {})


def file(extensions: Sequence[str]) -> Block:
    """One file with one of these extensions; the app needs the scope files:read to read it."""
    return {"type": "file_input", "action_id": "file", "filetypes": list(extensions), "max_files": 1}
