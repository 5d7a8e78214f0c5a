"""Pure: what the forms of post-mortems hold. Nothing in it is taken on trust."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from domain import wall_clock
from domain.postmortems import Section, Texts, together
from handlers.forms import storable

Body = Mapping[str, Any]
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def texts(body: Body) -> Texts:
    """Every section, put together from the fields that it stands in."""
    values = body.get("view", {}).get("state", {}).get("values", {})
    found: dict[Section, list[tuple[int, str]]] = {section: [] for section in Section}
    for block, elements in values.items():
        name, _, number = str(block).partition(":")
        if name in list(Section) and number.isascii() and number.isdigit() and len(number) < 4:
            said = storable(str(_first(elements).get("value") or "")).strip()
            found[Section(name)].append((int(number), said))
    return {section: together([text for _, text in sorted(pieces)]) for section, pieces in found.items()}


def _first(elements: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    return next(iter(elements.values()), {})


def day(text: str) -> date | None:
    """A day as Slack's picker says it; None for anything else."""
    try:
        return wall_clock.written(text).date() if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def choice(value: str) -> tuple[str, str]:
    """What was chosen beside an action, such as ("tick", its id)."""
    verb, _, identity = value.partition(":")
    return verb, identity
