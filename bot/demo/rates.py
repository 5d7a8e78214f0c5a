"""Slack's rate limits (Slack, apis/web-api/rate-limits): one message a second a channel, tiers a minute."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class RateLimits:
    """How much is allowed; tiers are calls per minute and method, `enabled=False` lifts them all."""

    enabled: bool = True
    post_burst: int = 4
    post_per_second: float = 1.0
    posts_per_minute: int = 300
    per_minute: dict[str, int] = field(default_factory=lambda: {"1": 1, "2": 20, "3": 50, "4": 100, "special": 600})


@dataclass
class _Bucket:
    capacity: float
    refill: float
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until a call is allowed, 0 when one is now."""
        self.level = min(self.capacity, self.level + (now - self.at) * self.refill)
        self.at = now
        # A hair below one token is floating-point dust, not a missing token.
        return 0.0 if self.level >= 1 - 1e-9 else (1 - self.level) / self.refill


class RateLimiter:
    """Counts the calls and says how long the next one has to wait."""

    def __init__(self, limits: RateLimits, now: Callable[[], float]) -> None:
        self.limits = limits
        self._now = now
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def retry_after(self, method: str, tier: str, channel: str) -> int | None:
        """Take one call from its allowance; whole seconds to wait when there is none left."""
        if not self.limits.enabled:
            return None
        buckets = self._buckets_of(method, tier, channel)
        waits = [bucket.wait(self._now()) for bucket in buckets]
        if max(waits) > 0:
            return max(1, math.ceil(max(waits)))
        for bucket in buckets:
            bucket.level -= 1
        return None

    def _buckets_of(self, method: str, tier: str, channel: str) -> list[_Bucket]:
        limits = self.limits
        if tier != "post":
            per_minute = limits.per_minute[tier]
            return [self._bucket(method, "", per_minute, per_minute / 60)]
        return [
            self._bucket(method, channel, limits.post_burst, limits.post_per_second),
            self._bucket(method, "", limits.posts_per_minute, limits.posts_per_minute / 60),
        ]

    def _bucket(self, method: str, key: str, capacity: float, refill: float) -> _Bucket:
        fresh = _Bucket(capacity, refill, capacity, self._now())
        return self._buckets.setdefault((method, key), fresh)
