"""What a policy's message may fill in: a closed list, so that nothing of an alert is ever read as a template."""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDERS = (
    "incident.short_id",
    "incident.title",
    "incident.service",
    "incident.severity",
    "incident.url",
    "minutes",
)
_BRACED = re.compile(r"\{([a-z_.]+)\}")
_ANY_BRACED = re.compile(r"\{(\s*[\w.]+\s*)\}")


def fill(message: str, values: Mapping[str, str]) -> str:
    """`message` with its placeholders filled in one pass; anything else in braces stays as written."""
    return _BRACED.sub(lambda found: values.get(found[1], found[0]), message)


def unknown(message: str) -> tuple[str, ...]:
    """What stands in braces in `message` and nothing fills: a word, in whatever spelling."""
    names = (found[1] for found in _ANY_BRACED.finditer(message))
    return tuple(dict.fromkeys(name for name in names if name not in PLACEHOLDERS))
