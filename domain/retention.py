"""For how long what happened is kept: when an incident is forgotten, and when the names in it are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.channels import Channel

SOMEBODY = "somebody"
"""Stands for whoever it was."""
WITHOUT = "without_"
"""What begins with this has the names of those who are not paged by a channel."""
_NAMING = (
    *("name", "names", "by", "to", "caller", "owner", "lead", "instead", "stakeholders", "guests", "played_by"),
    *(f"{WITHOUT}{channel.value.lower()}" for channel in Channel),
)
_IDENTIFYING = ("slack", "address", "number", "person")


def anonymous(details: Mapping[str, Any]) -> dict[str, Any]:
    """What a record's details say, without who it was."""
    said = {key: (SOMEBODY if key in _NAMING and value else value) for key, value in details.items()}
    return said | {key: "" for key in _IDENTIFYING if key in said}
