"""Pure: what the fields of a modal hold, by what they ask. Nothing in it is taken on trust.

A block's name is what it asks, and after a colon the edition: drawn anew, a form has other names, and nothing typed
into the one before stays in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.forms import storable

Body = Mapping[str, Any]
State = Mapping[str, Mapping[str, Any]]


def state(body: Body) -> dict[str, Mapping[str, Any]]:
    """Each field's element by what it asks."""
    values = body.get("view", {}).get("state", {}).get("values", {})
    return {block.partition(":")[0]: next(iter(of.values()), {}) for block, of in values.items()}


def text(fields: State, name: str) -> str:
    return storable(str(fields.get(name, {}).get("value") or "")).strip()


def picked(fields: State, name: str, field: str) -> str:
    """What one of Slack's own pickers holds."""
    return str(fields.get(name, {}).get(field) or "")


def one(fields: State, name: str) -> str:
    """The value of the option that is chosen."""
    return str((fields.get(name, {}).get("selected_option") or {}).get("value", ""))


def boxes(fields: State, name: str) -> set[str]:
    """The values of the boxes that are ticked."""
    return {str(option.get("value")) for option in fields.get(name, {}).get("selected_options") or ()}


def number(fields: State, name: str, most: int) -> int:
    """A whole number from 0 to `most`; -1 for what is none."""
    said = text(fields, name)
    if not said:
        return 0
    return int(said) if said.isascii() and said.isdigit() and len(said) < 8 and int(said) <= most else -1


def keyed(said: str) -> tuple[str, int]:
    """What a view carries as `key|number`: the thing that is written ("" for a new one), and the edition, the
    position or the version."""
    key, _, digits = said.rpartition("|")
    return key, int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0


def choice(body: Body) -> tuple[str, int, str]:
    """What was chosen beside a step, such as ("up", 2), and the mark of the step that it stood beside."""
    action = (body.get("actions") or [{}])[0]
    value = str((action.get("selected_option") or {}).get("value", ""))
    verb, digits, seen = (*value.split(":"), "", "")[:3]
    return verb, int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0, seen
