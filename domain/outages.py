"""Whether Slack is there. Pure; `now` is an argument.

Slack is away when its Web API fails several times in a row, or once while no socket is open either, and when every
socket has been closed for a while: a button that nobody hears is no way to acknowledge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.notifications import Notification, NotificationState
from domain.policies import Channel

SLACK_IS_AWAY = "Slack is away"
"""Why a page did not even try Slack."""
FAILURES = 3
"""Calls that fail one after another, with none between that does not."""


class Part(StrEnum):
    """What of Slack is away."""

    API = "api"
    """The Web API: nothing can be posted."""
    SOCKET = "socket"
    """Every socket: what is posted is seen, and nobody's click is heard."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A time without Slack; `until` is None while it lasts."""

    id: str
    since: datetime
    part: Part
    until: datetime | None = None
    pages: int = 0
    """How many pages went another way."""


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of Slack: the failures since its last answer, since when they go on and since when no socket is
    open; `away_since` is None while it is there."""

    failures: int = 0
    failing_since: datetime | None = None
    deaf_since: datetime | None = None
    away_since: datetime | None = None
    part: Part = Part.API

    @property
    def is_away(self) -> bool:
        """Whether pages go another way."""
        return self.away_since is not None

    @property
    def is_silent(self) -> bool:
        """Whether nothing can be posted either."""
        return self.is_away and self.part is Part.API


def failed(health: Health, now: datetime) -> Health:
    """A call failed in a way that says nothing about what was asked."""
    since = health.failing_since or now
    after = replace(health, failures=health.failures + 1, failing_since=since)
    if after.failures < FAILURES and health.deaf_since is None:
        return after
    return replace(after, away_since=health.away_since or since, part=Part.API)


def answered(health: Health) -> Health:
    """A call was answered. Once away, Slack is away until it was asked on purpose: `came_back`."""
    return health if health.is_away else replace(health, failures=0, failing_since=None)


def heard(health: Health, is_open: bool, now: datetime, patience: timedelta) -> Health:
    """Whether any socket is open now; none for `patience` is an outage of its own."""
    if is_open:
        return replace(health, deaf_since=None)
    # The clock may have been set back since.
    since = min(health.deaf_since or now, now)
    after = replace(health, deaf_since=since)
    if not after.is_away and after.failing_since:
        return replace(after, away_since=after.failing_since, part=Part.API)
    if after.is_away or now - since < patience:
        return after
    return replace(after, away_since=since, part=Part.SOCKET)


def probed(health: Health, is_answered: bool, now: datetime) -> Health:
    """Slack was asked on purpose whether it is there. It is back when it answers and a socket is open."""
    if not is_answered:
        return failed(health, now)
    if health.deaf_since is None:
        return Health()
    return replace(health, failures=0, failing_since=None, part=Part.SOCKET)


@dataclass(frozen=True, slots=True)
class Detour:
    """Who was reached in Slack's stead, by which channel."""

    channel: Channel
    names: tuple[str, ...]


def detours(made: Sequence[Notification], since: datetime) -> tuple[Detour, ...]:
    """What of an incident went another way since Slack was away: also what failed before it was known to be."""
    meant = {one.id for one in made if one.is_through_slack}
    went = [
        one
        for one in made
        if one.decided_at >= since
        and one.state is NotificationState.SENT
        and one.fallback_of in meant
        and not one.is_through_slack
    ]
    channels = dict.fromkeys(one.channel for one in went)
    return tuple(
        Detour(channel, tuple(dict.fromkeys(one.recipient.name for one in went if one.channel is channel)))
        for channel in channels
    )
