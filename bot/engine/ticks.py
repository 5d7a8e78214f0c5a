"""When to look: APScheduler as an alarm clock. It holds no state; losing it loses nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from inspect import iscoroutinefunction

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from domain.errors import Unavailable

log = logging.getLogger(__name__)

SWEEP_SECONDS = 5
SET_BACK = timedelta(seconds=2)
"""A clock that is so far behind where it was to be was set back; APScheduler waits until it has caught up."""
_NEXT = "next"


async def _unless_away(work: Callable[[], Awaitable[object]], name: str) -> None:
    """That the database is away is said by the engine, once: no line more for each thing that is looked at. Nor is it
    a fault to be in the middle of a look as everything stops."""
    try:
        await work()
    except Unavailable as error:
        log.debug("%s: not now, %s", name, error)
    except asyncio.CancelledError:
        log.debug("%s: not now, Vigie stops", name)


class Ticks:
    """Rings at the moment that was asked for last, and every few seconds in any case."""

    def __init__(self, ring: Callable[[], None], now: Callable[[], datetime], machine: Callable[[], datetime]) -> None:
        """`now` is the world's time; `machine` is what this machine's clock shows, by which APScheduler goes."""
        self._ring = ring
        self._now = now
        self._machine = machine
        self._ahead = timedelta(0)
        """How far this machine's clock is ahead of the loop's, which nobody sets."""
        self.set_back: Callable[[timedelta], None] = lambda by: None
        """Hears by how much, before anything rings."""
        self._looking: asyncio.TimerHandle | None = None
        # APScheduler drops a job that is a second late unless told that late is as good as never was.
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._at: datetime | None = None

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._scheduler.add_job(self._rung, IntervalTrigger(seconds=SWEEP_SECONDS, timezone=UTC), id="sweep")
        self._scheduler.start()
        self._ahead = self._machine() - _by_the_loop()
        self.look_at_the_clock()

    def every(self, seconds: float, work: Callable[[], object], name: str) -> None:
        """Call `work` (a plain function or a coroutine function) every so many seconds of the world's."""
        if iscoroutinefunction(work):
            work = partial(_unless_away, work, name)
        self._scheduler.add_job(work, IntervalTrigger(seconds=seconds, timezone=UTC), id=name)

    def aim(self, moment: datetime | None) -> None:
        """Ring at `moment` of the world's time (aware) at the latest. What rings sooner, as was asked before, stays:
        whoever looks then aims again."""
        if moment == self._at or (moment is not None and self._at is not None and self._at <= moment):
            return
        self._at = moment
        if moment is None or moment.year >= 9000:
            if self._scheduler.get_job(_NEXT):
                self._scheduler.remove_job(_NEXT)
            return
        # A hair later: rung early by a clock's grain, nothing is due yet and the ring is spent.
        rings_at = self._machine() + (moment - self._now()) + timedelta(milliseconds=1)
        trigger = DateTrigger(rings_at, timezone=UTC)
        self._scheduler.add_job(self._due, trigger, id=_NEXT, replace_existing=True)

    def stop(self) -> None:
        """Ring no more."""
        if self._looking is not None:
            self._looking.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def look_at_the_clock(self) -> None:
        """Notice that it was set back: whatever was to ring within that time rings as after a start."""
        ahead = self._machine() - _by_the_loop()
        if self._ahead - ahead > SET_BACK:
            log.warning("the clock was set back by %.0f s", (self._ahead - ahead).total_seconds())
            self.set_back(self._ahead - ahead)
            self._begin_again()
        self._ahead = ahead
        self._looking = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self.look_at_the_clock)

    def _begin_again(self) -> None:
        """As from a start at the moment that the clock shows now."""
        for job in self._scheduler.get_jobs():
            if isinstance(job.trigger, IntervalTrigger):
                job.modify(next_run_time=self._machine())
        self.aim_anew()

    def aim_anew(self) -> None:
        """The world's time is another: what was aimed at is looked for again."""
        self.aim(None)
        self._ring()

    async def _due(self) -> None:
        self._at = None
        self._ring()

    async def _rung(self) -> None:
        self._ring()


def _by_the_loop() -> datetime:
    """What the loop's clock shows, as a moment: only how far two are apart means anything."""
    return datetime.fromtimestamp(asyncio.get_running_loop().time(), UTC)
