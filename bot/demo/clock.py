"""The demo's clock: it can be sped up, stopped and pushed ahead while everything runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.clock import Anchor, wall_now

NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class DemoClock:
    """A `domain.clock.Clock` that people turn. It never goes back."""

    def __init__(self, speed: float = 1.0, wall: Callable[[], datetime] = wall_now) -> None:
        self._wall = wall
        self._speed = speed
        self._anchor = Anchor(wall(), wall())
        self.is_paused = False

    @property
    def speed(self) -> float:
        """Seconds here for one of the world's, while it is not stopped."""
        return self._speed

    def now(self) -> datetime:
        return self.from_wall(self._wall())

    def from_wall(self, moment: datetime) -> datetime:
        """What this clock shows at the world's `moment`; before the last turn it counts as the world does."""
        passed = moment - self._anchor.wall
        return self._anchor.product + passed * (self._pace if passed > timedelta(0) else 1.0)

    def to_wall(self, moment: datetime) -> datetime:
        """When it is `moment` here; while the clock stands, what has not come never does."""
        ahead = moment - self._anchor.product
        if ahead <= timedelta(0):
            return self._wall() if self.is_paused and not ahead else self._anchor.wall + ahead
        return NEVER if self.is_paused else self._anchor.wall + ahead / self._speed

    def span(self, seconds: float) -> timedelta:
        """The clock's own length of so many seconds of the world's: a lease does not run out while time stands."""
        return timedelta(seconds=seconds * self._speed)

    def run(self, speed: float) -> None:
        """Go on at `speed`, from 1 to 600."""
        if not 1 <= speed <= 600:
            raise ValueError(f"a speed is between 1 and 600, not {speed}")
        self._turn()
        self._speed, self.is_paused = speed, False

    def pause(self) -> None:
        """Stand still."""
        self._turn()
        self.is_paused = True

    def advance(self, length: timedelta) -> None:
        """Be `length` later at once."""
        if length < timedelta(0):
            raise ValueError("a clock goes ahead only")
        self._turn(length)

    @property
    def _pace(self) -> float:
        return 0.0 if self.is_paused else self._speed

    def _turn(self, ahead: timedelta = timedelta(0)) -> None:
        wall = self._wall()
        self._anchor = Anchor(wall, self.from_wall(wall) + ahead)
