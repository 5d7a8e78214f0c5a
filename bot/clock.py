"""The one reader of the time. Everything else is given a moment, or a `Clock`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where this clock left the world's: at the world's `wall` it was `product` here (both aware UTC)."""

    wall: datetime
    product: datetime


def wall_now() -> datetime:
    """The world's time as this machine has it, aware UTC."""
    return datetime.now(UTC)


def uptime() -> float:
    """Seconds that nobody sets, and that pass while the machine sleeps: only how far two readings are apart means
    anything."""
    return time.clock_gettime(_UPTIME)


_UPTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a server's clock showed (aware UTC) at a moment between two readings of `uptime`."""

    shown: datetime
    asked_at: float
    answered_at: float


class SharedTime:
    """The world's time as the database's server has it: the same for all machines, whatever their own clocks show.

    Between two readings the machine's count of seconds goes on, so that a clock that is set changes nothing.
    """

    GRAIN_SECONDS = 0.1
    """What two clocks may be apart without one being put right: it must not go back for nothing."""

    def __init__(self, first: Reading, seconds: Callable[[], float] = uptime) -> None:
        self._seconds = seconds
        self._take(first)

    def __call__(self) -> datetime:
        return self._at(self._seconds())

    def follow(self, reading: Reading) -> timedelta:
        """Show what the server shows; by how much that moves it. An answer that took long proves little."""
        moved = reading.shown - self._at(_middle(reading))
        doubt = self.GRAIN_SECONDS + (reading.answered_at - reading.asked_at) / 2
        if abs(moved) <= timedelta(seconds=doubt):
            return timedelta(0)
        self._take(reading)
        return moved

    def _at(self, seconds: float) -> datetime:
        shown, read_at = self._known
        return shown + timedelta(seconds=seconds - read_at)

    def _take(self, reading: Reading) -> None:
        # As one: database threads read it meanwhile.
        self._known = (reading.shown, _middle(reading))


def _middle(reading: Reading) -> float:
    return (reading.asked_at + reading.answered_at) / 2


class SystemClock:
    """A `domain.clock.Clock`. With `speed` 60 a minute of the product lasts a second of the world, whose time `wall`
    tells.

    Before its anchor it runs with the world; the anchor is kept, so that a restart goes on and not back.
    """

    def __init__(
        self, speed: float = 1.0, anchor: Anchor | None = None, wall: Callable[[], datetime] = wall_now
    ) -> None:
        self.speed = speed
        self._anchor = anchor
        self._wall = wall

    def now(self) -> datetime:
        return self.from_wall(self._wall())

    def from_wall(self, moment: datetime) -> datetime:
        anchor = self._anchor
        if anchor is None or moment <= anchor.wall:
            return moment
        return anchor.product + (moment - anchor.wall) * self.speed

    def to_wall(self, moment: datetime) -> datetime:
        """When the world's clock says it is `moment` here."""
        anchor = self._anchor
        if anchor is None or moment <= anchor.product:
            return moment
        return anchor.wall + (moment - anchor.product) / self.speed

    def span(self, seconds: float) -> timedelta:
        return timedelta(seconds=seconds * self.speed)


def rebased(kept: tuple[float, Anchor] | None, speed: float, now: datetime) -> Anchor | None:
    """The anchor for a clock that starts at the wall's `now` with `speed`, given the speed and anchor `kept` last.

    The same speed goes on from the same anchor; another speed goes on from the moment that the old one shows.
    """
    if kept is None:
        return None if speed == 1.0 else Anchor(now, now)
    old_speed, anchor = kept
    if old_speed == speed:
        return anchor
    return Anchor(now, SystemClock(old_speed, anchor).from_wall(now))
