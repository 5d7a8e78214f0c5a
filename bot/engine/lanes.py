"""Lanes: how fast messages may go to each place. Times are seconds of a monotonic clock of the world.

Slack takes about one message a second a channel with short bursts, and fifty `chat.update` a minute a workspace
(docs.slack.dev, rate limits). A parcel that finds its lane full is given a slot behind those planned before it; pages
and steps, which somebody waits for, take the next token.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` tokens a second, at most `burst` saved up."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class Rates:
    """Slack's rates: messages to one channel, and edits in the whole workspace."""

    post: Rate = Rate(per_second=0.95, burst=4)
    update: Rate = Rate(per_second=0.75, burst=25)


@dataclass(slots=True)
class Lane:
    """One place's tokens, and the end of the queue that was planned for it."""

    rate: Rate
    tokens: float
    filled_at: float
    planned_until: float = 0.0

    def take(self, now: float) -> bool:
        """Take a token, if there is one."""
        self._fill(now)
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def next(self, now: float) -> float:
        """Seconds until there is a token, whatever else was planned."""
        self._fill(now)
        return max(1 - self.tokens, 0.0) / self.rate.per_second

    def plan(self, now: float) -> float:
        """Seconds until a slot behind everything planned so far."""
        free = now + self.next(now)
        self.planned_until = max(self.planned_until, free - 1 / self.rate.per_second) + 1 / self.rate.per_second
        return max(self.planned_until - now, 0.0)

    def pause(self, now: float, seconds: float) -> None:
        """Nothing for `seconds`: the provider said so."""
        self.tokens = 1 - seconds * self.rate.per_second
        self.filled_at = now

    def _fill(self, now: float) -> None:
        gained = (now - self.filled_at) * self.rate.per_second
        self.tokens = min(self.tokens + gained, self.rate.burst)
        self.filled_at = now


@dataclass(slots=True)
class Lanes:
    """Every lane in use, by name; `post:<channel>` and `update` are Slack's."""

    lanes: dict[str, Lane] = field(default_factory=dict)
    most: int = 10_000

    def take(self, name: str, rate: Rate, now: float, *, is_awaited: bool = False) -> float:
        """0.0 when one message may go now, else the seconds until its slot. What somebody waits for does not queue."""
        lane = self._lane(name, rate, now)
        if lane.take(now):
            return 0.0
        return lane.next(now) if is_awaited else lane.plan(now)

    def pause(self, name: str, rate: Rate, now: float, seconds: float) -> None:
        """The provider refuses this lane for `seconds`."""
        self._lane(name, rate, now).pause(now, seconds)

    def _lane(self, name: str, rate: Rate, now: float) -> Lane:
        found = self.lanes.get(name)
        if found is None:
            if len(self.lanes) >= self.most:
                self.lanes.clear()
            found = self.lanes[name] = Lane(rate, rate.burst, now)
        return found
