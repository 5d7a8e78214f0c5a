"""Values as the JSON of a column: orjson writes what it can, which is most of it and ten times as fast."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson


def written(value: Any) -> str:
    """The JSON of `value`. A number of more than 64 bits, or half a surrogate pair, is left to the standard library."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value)


def records(rows: Sequence[dict[str, Any]]) -> str:
    """The JSON of rows with aware times in them."""
    try:
        return orjson.dumps(rows, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return json.dumps(rows, default=datetime.isoformat)


def read(text: str | bytes) -> Any:
    """What `written` wrote. By the standard library, which keeps a number of any length whole; most lists are empty,
    and a decoder takes its time to begin."""
    return [] if text in ("[]", b"[]") else json.loads(text)
