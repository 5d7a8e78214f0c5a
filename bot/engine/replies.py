"""Answers by SMS, read from the operator while somebody may answer."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.engine.patience import ended
from bot.engine.results import Outcome, Result
from bot.notifiers.base import Incoming, SmsNotifier
from domain.clock import Clock
from domain.errors import DeliveryError
from handlers.replies.service import Came, ReplyService
from storage.faults import UNREADABLE
from storage.parcels import TEXTS
from storage.store import Transaction

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
"""While pages are out: six of the sixty requests a minute that OVH is content with."""
LOOK_AGAIN_SECONDS = 60.0
"""How often it is looked whether anybody may answer: another process may have paged them."""
BACK = timedelta(hours=1)
"""How far back it is read: what was written while nobody read is taken all the same."""
MOST_AT_ONCE = 20
MOST_REFUSED = 3
"""An operator that refuses so many is away: the others are read the next time."""


class Replies:
    """Reads beside the engine, never in its way."""

    def __init__(self, service: ReplyService, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self._due_at = clock.now()
        self._reading: asyncio.Task[None] | None = None
        self._tries: Counter[str] = Counter()
        """How often each answer that came in of late was read."""
        self.sms: SmsNotifier | None = None
        """The way to the operator, once there is one whose SMS can be answered."""

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When to read; never while reading, nor where nobody can answer."""
        return None if self.is_reading or self.sms is None else self._due_at

    def clock_moved(self) -> None:
        """It was set back: what was due at a moment of the former one is due now."""
        self._due_at = self._clock.now()

    @property
    def is_reading(self) -> bool:
        return self._reading is not None and not self._reading.done()

    def told(self, outcome: Outcome) -> None:
        """An SMS has left: somebody may answer soon."""
        if outcome.parcel.lane == TEXTS and outcome.result is Result.SENT:
            self._due_at = min(self._due_at, self._clock.now() + self._clock.span(EVERY_SECONDS))

    async def fire(self) -> None:
        """Begin to read; the engine goes on meanwhile."""
        self._reading = asyncio.create_task(self._look(), name="replies")
        self._reading.add_done_callback(_ended)

    async def _look(self) -> None:
        self._due_at = self._clock.now() + self._clock.span(LOOK_AGAIN_SECONDS)
        if await self._service.awaited():
            self._due_at = self._clock.now() + self._clock.span(EVERY_SECONDS)
            await self.read()

    async def read(self) -> int:
        """Take what has come in; how many answers were new."""
        if self.sms is None:
            return 0
        try:
            ids = await self.sms.incoming(self._clock.to_wall(self._clock.now()) - BACK)
        except DeliveryError as error:
            log.warning("answers by SMS could not be read: %s", error.reason)
            return 0
        self._tries = Counter({one: self._tries[one] for one in ids})
        in_turn = sorted(ids, key=lambda one: (self._tries[one], int(one)))
        return await self._read(self.sms, (await self._service.fresh(in_turn))[:MOST_AT_ONCE])

    async def _read(self, sms: SmsNotifier, new: Sequence[str]) -> int:
        """Those that were tried in vain come last, so that they hold up no other; how many were read."""
        count = refused = 0
        for one in new:
            self._tries[one] += 1
            try:
                with self._alone(one):
                    await self._take(await sms.read(one))
                count += 1
            except DeliveryError as error:
                log.warning("the answer by SMS %s could not be read: %s", one, error.reason)
                refused += 1
            if refused >= MOST_REFUSED:
                break
        return count

    @contextmanager
    def _alone(self, identity: str) -> Iterator[None]:
        """An answer that can't be taken holds up no other: it is tried again each time."""
        try:
            yield
        except UNREADABLE:
            log.exception("the SMS %s can't be taken", identity)

    async def _take(self, came: Incoming | None) -> None:
        if came is None:
            return
        at = self._clock.from_wall(came.written_at)
        taken = await self._service.take(Came(came.id, came.sender, came.text, at))
        if taken and not taken.locale:
            log.warning("an SMS from a number that is nobody's here was left unanswered")

    async def stop(self) -> None:
        """Leave what is being read: what was not taken is read again."""
        if self._reading:
            self._reading.cancel()
            await asyncio.wait({self._reading})


def _ended(reading: asyncio.Task[None]) -> None:
    ended(reading, "answers by SMS could not be taken")
