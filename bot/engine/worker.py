"""The loop: look, fire, send, sleep until the next due time. The one place that survives any exception."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Protocol

from bot.engine.escalator import MOST_AT_ONCE, Escalator
from bot.engine.sender import Sender
from bot.engine.ticks import Ticks
from domain.clock import Clock
from domain.errors import Unavailable
from storage import escalations, glances
from storage.foresight import foresee
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

PAUSE_AFTER_A_FAULT_SECONDS = 1.0
UNREADABLE_SECONDS = 60.0
"""Until what met a row that can't be read is tried again."""
REST_SECONDS = 0.015
"""From one pass of the loop to the next at least, while nobody waits for what it does."""
LONGEST_PAUSE_SECONDS = 0.05
"""The loop rests for as long as its last pass took, and not longer: half of the time is for those who ask."""
LONGEST_REST_SECONDS = 0.3
ASKED_SECONDS = 0.25
"""While alerts pour in, the timers are asked this often; what an alert changes of them is minutes ahead."""
SHORTLY_SECONDS = 0.02
STUCK_SECONDS = 60.0
"""Without a pass that ended well: no page leaves."""
LATE = timedelta(seconds=15)
"""A loop that has not come round for this long, in the world's time, is not able to page."""


class Timer(Protocol):
    """Something else that falls due, beside the climbs."""

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When, None for never."""

    async def fire(self) -> None:
        """Do what is due."""


class Worker:
    """Runs until `stop`. `wake` may be called from anywhere in the event loop, as often as anybody likes."""

    def __init__(self, store: Store, clock: Clock, escalator: Escalator, machine: Callable[[], datetime]) -> None:
        """`machine` is what this machine's own clock shows."""
        self._store = store
        self._clock = clock
        self._escalator = escalator
        self._ticks = Ticks(self._ring, lambda: clock.to_wall(clock.now()), machine)
        self._woken = asyncio.Event()
        self._stopping = False
        self._looked_at: datetime | None = None
        self._rests_until = 0.0
        self._is_urgent = False
        self._others: list[datetime | None] = []
        self._ask_again_at = 0.0
        self._has_taken_over = False
        self._is_held_up = False
        self._whole_at = 0.0
        self._paused_until: dict[int, float] = {}
        self.told: Callable[[], None] = lambda: None
        """Called when something may be due that another process may as well look at."""
        self.is_intake_busy: Callable[[], bool] = lambda: False
        """Whether alerts wait to be written; the composition root knows who to ask."""
        self.timers: list[Timer] = []
        """What the composition root has to be looked at too."""
        self.faults = 0
        """How many passes of the loop ended in an exception."""

    @property
    def ticks(self) -> Ticks:
        return self._ticks

    def wake(self) -> None:
        """Something has changed, and may be due: here, or for another process."""
        self.look()
        self.told()

    def clock_moved(self) -> None:
        """The world's time is another than it was: what is due is too."""
        self._ask_again_at = 0.0
        self._ticks.aim_anew()

    def stir(self) -> None:
        """An alert came in: look soon. Those that follow are looked at together."""
        self.look_soon()
        self.told()

    def look(self) -> None:
        """Something may be due, that nobody knew of."""
        self._ask_again_at = 0.0
        self._ring()

    def _ring(self) -> None:
        self._is_urgent = True
        self._woken.set()

    def look_soon(self) -> None:
        """A send came back, or another process has something new."""
        self._woken.set()

    async def run(self, sender: Sender) -> None:
        """Look, fire and send until stopped."""
        self._ticks.start()
        loop = asyncio.get_running_loop()
        self._whole_at, self._looked_at = loop.time(), self._clock.to_wall(self._clock.now())
        while not self._stopping:
            self._woken.clear()
            self._is_urgent = False
            started = loop.time()
            try:
                is_whole = await self._survives(self._pass(sender), "the engine's pass")
            except Unavailable as error:
                self._ask_again_at = 0.0
                if not self._is_held_up:
                    log.warning("the engine waits: %s", error)
                self._is_held_up = True
                await asyncio.sleep(PAUSE_AFTER_A_FAULT_SECONDS)
                continue
            if not is_whole:
                self._ask_again_at = 0.0
                await asyncio.sleep(PAUSE_AFTER_A_FAULT_SECONDS)
                continue
            self._is_held_up = False
            self._whole_at, self._looked_at = loop.time(), self._clock.to_wall(self._clock.now())
            took = loop.time() - started
            await self._woken.wait()
            if not self._is_urgent:
                rested = max(REST_SECONDS, took + min(took, LONGEST_PAUSE_SECONDS))
                await asyncio.sleep(max(started + rested - loop.time(), 0))
        self._ticks.stop()

    def stop(self) -> None:
        """Claim nothing more; `run` comes back after the pass that it is in."""
        self._stopping = True
        self.look()

    def lateness(self) -> timedelta | None:
        """How long ago, in the world's time, the loop last looked and got through, or began to; None before it runs."""
        return self._clock.to_wall(self._clock.now()) - self._looked_at if self._looked_at else None

    @property
    def stuck_seconds(self) -> float:
        """For how long no pass has ended well, since it began to run; one is begun every few seconds."""
        return asyncio.get_running_loop().time() - self._whole_at

    @property
    def gets_through(self) -> bool:
        """Whether pages leave, as far as that is the engine's."""
        return self.stuck_seconds < STUCK_SECONDS

    async def _pass(self, sender: Sender) -> None:
        if not self._has_taken_over:
            await sender.taking.take_over()
            self._has_taken_over = True
        seconds = asyncio.get_running_loop().time()
        is_asking = seconds >= self._ask_again_at
        if is_asking:
            self._ask_again_at = seconds + ASKED_SECONDS
        wake_at, due_at, *asked = await self._store.read(self._next(sender, is_asking=is_asking))
        if is_asking:
            pauses = [self._paused_until.get(number, 0.0) > seconds for number in range(len(asked))]
            self._others = [None if paused else moment for moment, paused in zip(asked, pauses, strict=True)]
        now = self._clock.now()
        if not await self._go_on(sender, wake_at, due_at, now):
            again = None if is_asking else now + self._clock.span(ASKED_SECONDS)
            self._aim(wake_at, due_at, again, *self._others)
        # Last in the pass: whatever goes wrong with these, the climbs go on.
        for number, moment in enumerate(self._others):
            if moment is not None and moment <= now:
                self._ask_again_at = 0.0
                await self._fire(number)

    async def _fire(self, number: int) -> None:
        """What fails, be it for something that only a newer version can read, holds up none of the others."""
        timer = self.timers[number]
        if not await self._survives(timer.fire(), type(timer).__name__):
            self._paused_until[number] = asyncio.get_running_loop().time() + UNREADABLE_SECONDS

    async def _survives(self, doing: Awaitable[None], what: str) -> bool:
        """Whether it ended well; any fault of ours is told, and ends nothing else. Raises Unavailable."""
        try:
            await doing
        except Unavailable:
            raise
        except Exception:
            self.faults += 1
            log.exception("%s failed; it is tried again", what)
            return False
        return True

    async def _go_on(self, sender: Sender, wake_at: datetime | None, due_at: datetime | None, now: datetime) -> bool:
        """Climb and send what is due; whether that moved anything, and is to be looked at again."""
        climbed = await self._climb() if wake_at is not None and wake_at <= now and self._may_climb() else 0
        if not climbed and (due_at is None or due_at > now):
            return False
        taken, is_full = await sender.send_due()
        is_more = climbed >= MOST_AT_ONCE and not self.is_intake_busy()
        if is_full or is_more:
            self.look()
        elif climbed or taken:
            self.look_soon()
        return bool(climbed or taken)

    def _may_climb(self) -> bool:
        """While alerts pour in they come first: the climb has a quarter of the database's time, and rests briefly."""
        return not self.is_intake_busy() or asyncio.get_running_loop().time() >= self._rests_until

    async def _climb(self) -> int:
        loop = asyncio.get_running_loop()
        started = loop.time()
        climbed = await self._escalator.tick()
        self._rests_until = loop.time() + min(3 * (loop.time() - started), LONGEST_REST_SECONDS)
        return climbed

    def _next(self, sender: Sender, *, is_asking: bool) -> Callable[[Transaction], list[datetime | None]]:
        now, seconds = self._clock.now(), asyncio.get_running_loop().time()

        def moments(tx: Transaction) -> list[datetime | None]:
            foresee(tx, lambda: own(tx, list))
            return own(tx, lambda: [timer.next_wake(tx) for timer in self.timers])

        def own(tx: Transaction, others: Callable[[], list[datetime | None]]) -> list[datetime | None]:
            with glances.at_once(tx) if is_asking else nullcontext():
                found = [escalations.next_wake(tx), sender.next_due(tx, now, seconds)]
                return [*found, *others()] if is_asking else found

        return moments

    def _aim(self, *moments: datetime | None) -> None:
        """Look again when the next thing is due. What is due and did not go waits for something: look again shortly."""
        known = [moment for moment in moments if moment is not None]
        soon = self._clock.now() + self._clock.span(SHORTLY_SECONDS)
        self._ticks.aim(self._clock.to_wall(max(min(known), soon)) if known else None)
