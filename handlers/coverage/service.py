"""The sweep of the next two weeks: looked at again when the catalog changes, a target breaks or works again, and every
hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.clock import Clock
from domain.coverage import AHEAD, Hole, holes
from domain.directory import Directory
from domain.errors import Unavailable
from domain.policies import Channel
from handlers.policies.judgement import reach
from storage import catalog, coverage, homes
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
REST_SECONDS = 60.0
"""After a look that failed, in the world's time."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The holes found at `looked_at`, None before the first look, in the catalog of that moment."""

    looked_at: datetime | None = None
    holes: tuple[Hole, ...] = ()
    directory: Directory = field(default_factory=Directory)


class CoverageService:
    """Sweeps beside the engine, never in its way: in a thread, at most once a change and an hour.

    `channels` are those that are set up. `stir` is called when Home tabs have to say something else."""

    def __init__(self, store: Store, clock: Clock, channels: frozenset[Channel], stir: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._stir = stir
        self._looked: tuple[tuple[object, ...], datetime] | None = None
        self._rests_until = datetime.min.replace(tzinfo=UTC)
        self._sweeping: asyncio.Task[Coverage] | None = None
        self.latest = Coverage()
        """What was found last."""

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When to look again; never while a look is under way."""
        if self.is_sweeping:
            return None
        if self._looked is None or self._looked[0] != coverage.mark(tx):
            return max(self._clock.now(), self._rests_until)
        return max(self._looked[1] + EVERY, self._rests_until)

    @property
    def is_sweeping(self) -> bool:
        return self._sweeping is not None and not self._sweeping.done()

    async def fire(self) -> None:
        """Begin a look; the engine goes on meanwhile."""
        self._sweeping = asyncio.create_task(self.sweep(), name="coverage")
        self._sweeping.add_done_callback(self._ended)

    def _ended(self, sweeping: asyncio.Future[Coverage]) -> None:
        """What can't be read now is no better at once."""
        if sweeping.cancelled() or not (error := sweeping.exception()):
            return
        self._rests_until = self._clock.now() + self._clock.span(REST_SECONDS)
        if isinstance(error, Unavailable):
            log.debug("who is reached was not looked at: %s", error)
        else:
            log.error("who is reached can't be looked at; again in a minute", exc_info=error)

    async def sweep(self) -> Coverage:
        """Look now."""
        now = self._clock.now()
        mark, directory, what = await self._store.read(
            lambda tx: (coverage.mark(tx), catalog.directory(tx), reach(tx, self._channels))
        )
        found = await asyncio.to_thread(holes, directory, what, now)
        self._looked = mark, now
        before, self.latest = self.latest, Coverage(now, found, directory)
        if _told(before) != _told(self.latest):
            await self._store.write(lambda tx: homes.refresh(tx, self._clock.now()))
        self._stir()
        return self.latest

    async def stop(self) -> None:
        """Leave a look that is under way."""
        if self._sweeping:
            self._sweeping.cancel()
            await asyncio.wait({self._sweeping})


def _told(coverage: Coverage) -> set[tuple[object, ...]]:
    """What a reader is told of it: that time passes in a hole, or that it goes on beyond what is looked at, is
    nothing new."""
    horizon = coverage.looked_at + AHEAD if coverage.looked_at else None
    return {
        (hole.team, hole.severity, None if hole.end == horizon else hole.end, hole.cover, hole.person)
        for hole in coverage.holes
    }
