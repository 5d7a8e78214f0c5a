"""The state of inputs, as Slack puts it in state.values, and the checks its client makes before sending.

Shapes: Slack, reference/interaction-payloads/view-interactions-payload.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.demo.errors import FormIncomplete
from bot.demo.visible import Placed, label, options_of, placed_elements

JSON = dict[str, Any]
# Element type -> (field of its state, field of its initial value in the element).
STATE_FIELDS = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", "initial_files"),
}
PLURAL = frozenset({"selected_options", "selected_users", "selected_channels", "selected_conversations", "files"})
EXTERNAL = frozenset({"external_select", "multi_external_select"})
Values = dict[str, dict[str, JSON]]
Name = str | tuple[str, str]
Answers = Mapping[Any, Any]
"""What a person put in inputs, by a `Name` each."""


def initial_values(blocks: list[JSON]) -> Values:
    """The state before anybody touched anything: each input at its initial value."""
    values: Values = {}
    for placed in placed_elements(blocks):
        fields = STATE_FIELDS.get(placed.element["type"])
        if fields is not None:
            initial = placed.element.get(fields[1])
            values.setdefault(placed.block_id, {})[placed.action_id] = state(placed.element, initial)
    return values


def state(element: JSON, value: Any) -> JSON:
    """An element's entry in state.values, holding `value`."""
    kind = element["type"]
    field = STATE_FIELDS[kind][0]
    empty: Any = [] if field in PLURAL else None
    entry: JSON = {"type": kind, field: empty if value is None else value}
    if kind == "timepicker" and "timezone" in element:
        entry["timezone"] = element["timezone"]
    return entry


def choose(element: JSON, value: Any) -> JSON:
    """The state after a person chose `value`, which names options by their text or their value."""
    field = STATE_FIELDS[element["type"]][0]
    if value is None:
        return state(element, None)
    if field in PLURAL:
        items = value if isinstance(value, Iterable) and not isinstance(value, str) else [value]
        return state(element, [_chosen_one(element, item) for item in items])
    return state(element, _chosen_one(element, value))


def _chosen_one(element: JSON, value: Any) -> Any:
    if element["type"] in EXTERNAL:
        return _suggested(element, value)
    options = options_of(element)
    if not options:
        return getattr(value, "id", value)
    return find_option(element, value)


def _suggested(element: JSON, value: Any) -> JSON:
    """An option as the app suggested it: nothing else can be chosen in such a menu."""
    if not (isinstance(value, dict) and isinstance(value.get("text"), dict) and value.get("value")):
        raise LookupError(f"{element['action_id']} takes an option that the app suggested, not {value!r}")
    return value


def find_option(element: JSON, name: Any) -> JSON:
    """The option of that text or value."""
    options = options_of(element)
    for option in options:
        if name in (option["text"]["text"], option.get("value")):
            return option
    shown = [option["text"]["text"] for option in options]
    raise LookupError(f"no option {name!r}; there are {shown}")


def named(blocks: list[JSON], name: Name) -> Placed:
    """The input a person or a test calls `name`: label, action_id or block_id, or the pair (block_id, action_id)."""
    inputs = [placed for placed in placed_elements(blocks) if placed.element["type"] in STATE_FIELDS]
    found = [
        placed
        for placed in inputs
        if name in (label(placed), placed.action_id, placed.block_id, (placed.block_id, placed.action_id))
    ]
    if len(found) != 1:
        shown = [f"{label(placed)} ({placed.block_id}/{placed.action_id})" for placed in inputs]
        raise LookupError(f"{len(found)} inputs named {name!r}; the form has {shown}")
    return found[0]


def fill(blocks: list[JSON], values: Values, answers: Answers) -> Values:
    """The state after a person filled the named inputs."""
    filled = {block_id: dict(of) for block_id, of in values.items()}
    for name, answer in answers.items():
        placed = named(blocks, name)
        filled[placed.block_id][placed.action_id] = choose(placed.element, answer)
    return filled


def check_complete(blocks: list[JSON], values: Values) -> None:
    """Refuse what Slack's client would not send: empty required inputs and texts of the wrong length."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            problem = _problem(block, element, values[block["block_id"]][element["action_id"]])
            if problem:
                errors[block["block_id"]] = problem
    if errors:
        raise FormIncomplete(errors)


def _problem(block: JSON, element: JSON, entry: JSON) -> str | None:
    value = entry[STATE_FIELDS[element["type"]][0]]
    if value in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    match element["type"]:
        case "plain_text_input":
            return _text_problem(element, value)
        case "number_input":
            return _number_problem(element, value)
        case "email_text_input" if "@" not in value:
            return "Please enter a valid email address."
        case "url_text_input" if "://" not in value:
            return "Please enter a valid URL."
        case "file_input":
            return _files_problem(element, value)
    maximum = element.get("max_selected_items")
    return f"Select at most {maximum} items." if maximum and len(value) > maximum else None


def _text_problem(element: JSON, value: str) -> str | None:
    if len(value) < element.get("min_length", 0):
        return f"Must be at least {element['min_length']} characters."
    if len(value) > element.get("max_length", 3000):
        return f"Must be at most {element.get('max_length', 3000)} characters."
    return None


def _files_problem(element: JSON, value: list[JSON]) -> str | None:
    if len(value) > element.get("max_files", 10):
        return f"Add at most {element.get('max_files', 10)} files."
    allowed = element.get("filetypes") or []
    wrong = [file["name"] for file in value if allowed and file["filetype"] not in allowed]
    return f"{wrong[0]} is not one of {', '.join(allowed)}." if wrong else None


def _number_problem(element: JSON, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not number.is_integer():
        return "Please enter a whole number."
    if number < float(element.get("min_value", "-inf")) or number > float(element.get("max_value", "inf")):
        return "This number is out of range."
    return None
