"""The one reader of the time. Everything else is given a moment, or a `Clock`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where this clock left the world's: at the world's `wall` it was `product` here (both aware UTC)."""

    wall: datetime
    product: datetime


def wall_now() -> datetime:
    """The world's time, aware UTC."""
    return datetime.now(UTC)


class SystemClock:
    """A `domain.clock.Clock`. With `speed` 60 a minute of the product lasts a second of the world.

    Before its anchor it runs with the world; the anchor is kept, so that a restart goes on and not back.
    """

    def __init__(self, speed: float = 1.0, anchor: Anchor | None = None) -> None:
        self.speed = speed
        self._anchor = anchor

    def now(self) -> datetime:
        return self.from_wall(wall_now())

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
