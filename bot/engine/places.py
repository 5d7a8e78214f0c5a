"""Places: how many messages may be on their way at once where nobody counts them. Times are seconds of a monotonic
clock of the world."""

from __future__ import annotations

import math
from dataclasses import dataclass

UNTIL_ONE_IS_BACK_SECONDS = 30.0
"""How long a lane waits whose places are all taken: whoever comes back wakes the engine."""
MOMENT_SECONDS = 0.02


@dataclass(slots=True)
class Places:
    """As many as there are connections: what is claimed beyond that waits for one while its lease runs out, and the
    time that its provider has."""

    count: int
    on_its_way: int = 0
    taken_at: float = -math.inf

    def room(self, now: float, *, urgent: bool = True) -> int:
        """How many messages may go now."""
        return 0 if self.wait(now) else self.count - self.on_its_way

    def wait(self, now: float, *, urgent: bool = True) -> float:
        """Seconds until there is room. A claim costs as much for one as for many: few places wait a moment for more."""
        free = self.count - self.on_its_way
        if free < 1:
            return UNTIL_ONE_IS_BACK_SECONDS
        return max(self.taken_at + MOMENT_SECONDS - now, 0.0) if free < self.count / 4 else 0.0

    def take(self, now: float) -> None:
        """One message is claimed."""
        self.taken_at = now

    def left(self, now: float) -> None:
        """A message that was claimed is on its way."""
        self.on_its_way += 1

    def ended(self, now: float) -> None:
        """One that was on its way has arrived, or never will."""
        self.on_its_way = max(self.on_its_way - 1, 0)

    def pause(self, now: float, seconds: float) -> None:
        """Nobody who is to be paged rests because a provider wants to: each page finds another way."""

    def share(self, processes: int) -> None:
        """The connections are this process's own."""

    def is_as_new(self, now: float) -> bool:
        """Whether nothing is known of it."""
        return not self.on_its_way
