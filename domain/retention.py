"""For how long what happened is kept: when an incident is forgotten, and when the names in it are."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from domain.channels import Channel

SOMEBODY = "somebody"
"""Stands for whoever it was."""
WITHOUT = "without_"
"""What begins with this has the names of those who are not paged by a channel."""
_NAMING = (
    *("name", "names", "by", "to", "caller", "owner", "lead", "instead", "stakeholders", "guests", "played_by"),
    "former",
    *(f"{WITHOUT}{channel.value.lower()}" for channel in Channel),
)
_IDENTIFYING = ("slack", "address", "number", "person")


_TELLING = ("reason", "why")
"""Whole sentences of Vigie's, with names in them."""


def anonymous(details: Mapping[str, Any], names: Collection[str] = ()) -> dict[str, Any]:
    """What a record's details say, without who it was; `names` are those of whoever it may have been."""
    said = {key: (SOMEBODY if key in _NAMING and value else value) for key, value in details.items()}
    told = {key: without_names(str(said[key]), names) for key in _TELLING if said.get(key)}
    return said | told | {key: "" for key in _IDENTIFYING if key in said}


def without_names(text: str, names: Collection[str]) -> str:
    """`text` with somebody in the place of each of `names`."""
    # Only those that stand in it: a pattern of hundreds takes milliseconds a sentence, and there are thousands of them,
    # and SQLite has one writer.
    known = sorted((name for name in names if name and name in text), key=len, reverse=True)
    if not known:
        return text
    return re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)", SOMEBODY, text)
