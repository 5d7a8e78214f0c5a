"""Bad days of Slack, on demand: outages, refusals, slowness, lost answers."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Literal

OutageMode = Literal["http500", "refuse", "hang"]


@dataclass(frozen=True)
class Planned:
    """What the next call of a method is to get instead of its answer."""

    error: str | None = None
    accept: bool = False
    """What is asked is done all the same, whatever error is answered."""
    retry_after: int | None = None
    lose_answer: bool = False
    channel: str = ""
    """Of the calls that are about it alone, if it is named."""


class Faults:
    """The faults planned by a test; nothing is random."""

    def __init__(self) -> None:
        self.outage: OutageMode | None = None
        self._delays: dict[str, float] = {}
        self.delayed: list[str] = []
        """The methods of the calls that spend their delay now."""
        self._planned: dict[str, deque[Planned]] = defaultdict(deque)
        self._over = asyncio.Event()
        self._calls_left = 0

    def stop_after(self, calls: int) -> None:
        """The answer to the last of the next `calls` is lost, and none after it is answered."""
        self._calls_left = calls

    def is_last(self) -> bool:
        """Whether the call that was just done is the last one: nothing is answered from now on."""
        if not self._calls_left:
            return False
        self._calls_left -= 1
        if self._calls_left == 0:
            self.begin("hang")
        return self._calls_left == 0

    def begin(self, mode: OutageMode) -> None:
        """An outage begins."""
        self.outage = mode
        self._over.clear()

    def end(self) -> None:
        """The outage is over; calls that hung are cut."""
        self.outage = None
        self._over.set()

    async def hang(self) -> None:
        """Wait for the end of the outage."""
        await self._over.wait()

    def plan(self, method: str, planned: Planned, times: int = 1) -> None:
        """Queue a fault for the next calls of a method."""
        self._planned[method].extend([planned] * times)

    def forget(self, method: str) -> None:
        """Whatever was planned for a method does not happen."""
        self._planned.pop(method, None)

    def take(self, method: str, channel: str) -> Planned | None:
        """The fault for this call, used up by asking."""
        queue = self._planned.get(method, ())
        found = next((one for one in queue if one.channel in ("", channel)), None)
        if found:
            self._planned[method].remove(found)
        return found

    def delay(self, method: str, seconds: float) -> None:
        """Make a method slow ("*" for all); 0 ends it."""
        self._delays[method] = seconds

    async def wait(self, method: str) -> None:
        """Spend the method's delay."""
        seconds = self._delays.get(method, self._delays.get("*", 0.0))
        if seconds:
            self.delayed.append(method)
            try:
                await asyncio.sleep(seconds)
            finally:
                self.delayed.remove(method)
