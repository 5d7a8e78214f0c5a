"""How often a token may ask. Each has its own bucket: one that is misused keeps nobody else out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import TooMany


@dataclass(frozen=True, slots=True)
class Allowance:
    """`per_second` requests for as long as anybody likes, and `burst` at once."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class Allowances:
    """Alerts come in bursts when everything breaks, and none may be turned away then; people and scripts do not."""

    ingest: Allowance = Allowance(per_second=1000, burst=30_000)
    other: Allowance = Allowance(per_second=50, burst=500)


def allowances(per_second: float) -> Allowances:
    """Those of an installation whose scripts may ask so often; ten seconds' worth at once."""
    return Allowances(other=Allowance(per_second, 10 * per_second))


class Limits:
    """A bucket for each token and kind of request. `seconds` is a clock that never goes back."""

    MOST = 10_000

    def __init__(self, allowances: Allowances, seconds: Callable[[], float]) -> None:
        self._allowances = allowances
        self._seconds = seconds
        self._buckets: dict[tuple[str, bool], tuple[float, float]] = {}
        """What is left in each, as of when."""

    def take(self, name: str, scope: str) -> None:
        """One request of `name`. Raises TooMany."""
        is_ingest = scope == "ingest"
        allowed = self._allowances.ingest if is_ingest else self._allowances.other
        now, key = self._seconds(), (name, is_ingest)
        left, since = self._buckets.get(key, (allowed.burst, now))
        left = min(left + (now - since) * allowed.per_second, allowed.burst)
        if left < 1:
            raise TooMany(f"{name} asks more than it may; wait a moment", (1 - left) / allowed.per_second)
        if len(self._buckets) >= self.MOST:
            self._buckets.clear()
        self._buckets[key] = (left - 1, now)
