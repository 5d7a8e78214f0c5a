"""Slack user groups that follow who is on call: `@sre-oncall` is whoever that is now. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.directory import Directory

GROUP = re.compile(r"S[A-Z0-9]{5,20}|@?(?![A-Z])[a-z0-9][a-z0-9._-]{0,40}")
"""A group's id, or its handle."""
AGAIN = timedelta(days=1)
"""Somebody may have changed it in Slack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A group as it was set last: the Slack ids in it, and why Slack refused that, "" when it did not."""

    group: str
    users: tuple[str, ...] = ()
    failure: str = ""
    set_at: datetime

    def is_due(self, users: tuple[str, ...], now: datetime) -> bool:
        """Whether it is to be set to `users`."""
        return users != self.users or now - self.set_at >= AGAIN


def is_id(group: str) -> bool:
    """Whether a group is named by its id."""
    return group.startswith("S")


def written(group: str) -> str:
    """A group as it is kept: its id, or its handle with an @."""
    return group if not group or is_id(group) else f"@{group.removeprefix('@')}"


def wanted(directory: Directory, now: datetime) -> dict[str, tuple[str, ...]]:
    """By group, the Slack ids of whoever is on call for the teams that it is of."""
    found: dict[str, set[str]] = {}
    for team in directory.teams.values():
        if team.user_group:
            on_call = directory.on_call(team.id, now)
            found.setdefault(team.user_group, set()).update(one.slack for one in on_call if one.slack)
    return {group: tuple(sorted(users)) for group, users in found.items()}
