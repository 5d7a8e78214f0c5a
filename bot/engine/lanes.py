"""Lanes: how fast messages may go to each place. Times are seconds of a monotonic clock of the world.

Slack takes about one message a second a channel with short bursts, and fifty `chat.update` a minute a workspace
(docs.slack.dev, rate limits). A lane without room is not looked into: what waits there costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from storage.outbox import EDITS, HOMES

UNLIMITED = 1_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` tokens a second, at most `burst` saved up."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class Rates:
    """Slack's rates, a hair under its own: messages to one channel, edits and Home tabs in the whole workspace."""

    post: Rate = Rate(per_second=0.95, burst=4)
    edit: Rate = Rate(per_second=0.75, burst=25)
    home: Rate = Rate(per_second=1.0, burst=20)


@dataclass(slots=True)
class Lane:
    """One place's tokens."""

    rate: Rate
    tokens: float
    filled_at: float

    def room(self, now: float) -> int:
        """How many messages may go now."""
        self._fill(now)
        return max(int(self.tokens + 1e-9), 0)

    def wait(self, now: float) -> float:
        """Seconds until there is room."""
        self._fill(now)
        return max(1 - self.tokens, 0.0) / self.rate.per_second

    def take(self, now: float) -> None:
        """One message goes."""
        self._fill(now)
        self.tokens -= 1

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
    """Every lane in use, by the outbox's names; "" is the lane of what nobody limits."""

    rates: Rates
    lanes: dict[str, Lane] = field(default_factory=dict)
    most: int = 10_000
    processes: int = 1

    def share(self, processes: int) -> None:
        """This many processes send to the same places: each has its part of every rate, and at least one message."""
        if processes != self.processes:
            self.processes = processes
            for name, lane in self.lanes.items():
                lane.rate = self._rate(name)

    def room(self, name: str, now: float) -> int:
        return self._lane(name, now).room(now) if name else UNLIMITED

    def wait(self, name: str, now: float) -> float:
        return self._lane(name, now).wait(now) if name else 0.0

    def take(self, name: str, now: float) -> None:
        if name:
            self._lane(name, now).take(now)

    def pause(self, name: str, now: float, seconds: float) -> None:
        if name:
            self._lane(name, now).pause(now, seconds)

    def _lane(self, name: str, now: float) -> Lane:
        found = self.lanes.get(name)
        if found is None:
            if len(self.lanes) >= self.most:
                self.lanes.clear()
            rate = self._rate(name)
            found = self.lanes[name] = Lane(rate, rate.burst, now)
        return found

    def _rate(self, name: str) -> Rate:
        whole = {EDITS: self.rates.edit, HOMES: self.rates.home}.get(name, self.rates.post)
        return Rate(whole.per_second / self.processes, max(whole.burst / self.processes, 1.0))
