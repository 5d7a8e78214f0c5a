"""Pure: what the forms of schedules send, turned into arguments. Nothing in it is taken on trust."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from handlers.forms import storable

Body = Mapping[str, Any]
_LATEST = 10**10


def state(body: Body) -> dict[str, Mapping[str, Any]]:
    """Each field's element by the block's name; what follows a colon in it is the edition."""
    values = body.get("view", {}).get("state", {}).get("values", {})
    return {block.partition(":")[0]: next(iter(of.values()), {}) for block, of in values.items()}


def text(body: Body, name: str) -> str:
    """What is typed."""
    return storable(str(state(body).get(name, {}).get("value") or "")).strip()


def chosen(body: Body, name: str) -> str:
    """The value of the option that is chosen."""
    return str((state(body).get(name, {}).get("selected_option") or {}).get("value", ""))


def user(body: Body, name: str) -> str:
    """The Slack id that is picked."""
    return str(state(body).get(name, {}).get("selected_user") or "")


def users(body: Body, name: str) -> tuple[str, ...]:
    """The Slack ids that are picked, in their order."""
    return tuple(str(one) for one in state(body).get(name, {}).get("selected_users") or ())


def picked(body: Body, name: str, field: str) -> str:
    """What a picker holds in `field` of its state, such as selected_date."""
    return str(state(body).get(name, {}).get(field) or "")


def ticked(body: Body, name: str) -> bool:
    """Whether the one box is ticked."""
    return bool(state(body).get(name, {}).get("selected_options"))


def moment(body: Body, name: str) -> datetime | None:
    """The day and time that are picked."""
    return stamp(str(state(body).get(name, {}).get("selected_date_time") or ""))


def stamp(written: str) -> datetime | None:
    """A moment in seconds since 1970."""
    if not written.isascii() or not written.isdigit() or int(written) >= _LATEST:
        return None
    return datetime.fromtimestamp(int(written), UTC)


def shift(value: str) -> tuple[str, datetime, datetime] | None:
    """A team's id and a time, from the value of a chosen shift."""
    found = re.fullmatch(r"([^|]+)\|(\d+)\|(\d+)", value)
    start, end = (stamp(found[2]), stamp(found[3])) if found else (None, None)
    return (found[1], start, end) if found and start and end else None


def draft(value: str) -> tuple[str, int]:
    """A team's id and a number, from `team|number`."""
    key, _, number = value.rpartition("|")
    return key, int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
