"""Sources that say that they live: how often each does, and when its silence is an incident."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.incidents import Severity

SOURCE = "heartbeat"
"""The source of the incidents that a silence opens."""
LONGEST = 7 * 24 * 60
USUAL_GRACE = 1
"""Minutes: a source whose sign of life is a moment late wakes nobody."""
DEAF_SECONDS = 30.0
"""A Vigie that was away, or whose database was, for longer heard nobody: that is no source's fault. Two looks; one that
begins again every few seconds waits for its sources all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A source that is to be heard every so many minutes; `grace_minutes` later its silence opens an incident of
    `service` (an id)."""

    id: str = ""
    name: str
    service: str = ""
    severity: Severity = Severity.SEV2
    every_minutes: int
    grace_minutes: int = USUAL_GRACE
    is_active: bool = True

    @property
    def patience(self) -> timedelta:
        """How long its silence is nothing."""
        return timedelta(minutes=self.every_minutes + self.grace_minutes)


@dataclass(frozen=True, slots=True)
class Beat:
    """When a source was last heard (None before the first time), and from when on it is silent for too long; None
    when that is nothing to wait for."""

    heartbeat: str
    heard_at: datetime | None
    wake_at: datetime | None
    is_silent: bool = False


def awaited(heartbeat: Heartbeat, now: datetime) -> Beat:
    """A source that was not heard yet, from now on waited for."""
    return Beat(heartbeat.id, None, now + heartbeat.patience if heartbeat.is_active else None)


def heard(heartbeat: Heartbeat, now: datetime) -> Beat:
    """A sign of life."""
    return Beat(heartbeat.id, now, now + heartbeat.patience if heartbeat.is_active else None)


def adjusted(beat: Beat, heartbeat: Heartbeat, now: datetime, was: Heartbeat | None) -> Beat:
    """`beat` of a source whose interval may be another than it `was` (None: nobody knows). One that is silent stays so
    until it is heard or left out, and is missed anew once it is waited for again; one that is waited for, be it put off
    or never heard, waits on when nothing has changed."""
    if not heartbeat.is_active:
        return Beat(beat.heartbeat, beat.heard_at, None)
    if beat.is_silent or (was and was.patience == heartbeat.patience and beat.wake_at):
        return beat
    if beat.wake_at is None:
        return Beat(beat.heartbeat, beat.heard_at, now + heartbeat.patience)
    wake_at = (beat.heard_at or now) + heartbeat.patience
    if was is None:
        wake_at = (max if beat.heard_at else min)(wake_at, beat.wake_at)
    return Beat(beat.heartbeat, beat.heard_at, wake_at)


def is_back(beat: Beat, heartbeat: Heartbeat, now: datetime) -> bool:
    """Whether a source that is heard now may have been missed; of one that was left out since, `beat` does not say."""
    is_waited_for = beat.wake_at is not None and not beat.is_silent
    return not is_waited_for or beat.heard_at is None or now - beat.heard_at > heartbeat.patience


def put_off(beat: Beat, deaf: timedelta) -> Beat:
    """Nobody could be heard for so long."""
    return replace(beat, wake_at=beat.wake_at + deaf) if beat.wake_at else beat


def silent(beat: Beat) -> Beat:
    """It has been silent for too long."""
    return Beat(beat.heartbeat, beat.heard_at, None, is_silent=True)
