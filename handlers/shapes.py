"""A JSON body against the type that the API's description has of it: a text is a text, and not a number that looks
like one. What a field may say beyond its type is for whoever reads it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from domain.errors import Fault, Invalid

_LEFT = (
    "missing",
    "extra_forbidden",
    "string_too_long",
    "string_too_short",
    "string_pattern_mismatch",
    "literal_error",
    "enum",
)
"""What is said in better words, by whoever reads the fields."""
_WORDS = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "none_required": "must be null",
}


def check(value: Mapping[str, Any], shape: Any) -> None:
    """Raises Invalid naming each field of `value` that is of another kind than `shape` says."""
    try:
        _adapter(shape).validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        kinds: dict[str, list[str]] = {}
        for one in error.errors(include_url=False, include_context=False, include_input=False):
            if one["type"] not in _LEFT:
                kinds.setdefault(_field(one, value), []).append(_said(one))
        if kinds:
            raise Invalid([Fault(name, _either(said)) for name, said in kinds.items()]) from None


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _field(one: ErrorDetails, value: Any) -> str:
    """Where it is, as far as the body goes: in a union pydantic says the alternative too."""
    path = ""
    for part in one["loc"]:
        if isinstance(value, dict) and part in value:
            path += f".{part}" if path else str(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            path += f"[{part + 1}]"
        else:
            break
        value = value[part]
    return path


def _said(one: ErrorDetails) -> str:
    return _WORDS.get(one["type"], one["msg"].replace("Input should be", "must be"))


def _either(said: list[str]) -> str:
    found = list(dict.fromkeys(said))
    return " or ".join([found[0], *(words.removeprefix("must be ") for words in found[1:])])
