"""The sweep of the next two weeks: looked at again when the catalog changes, a target breaks or works again, and every
hour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.clock import Clock
from domain.coverage import AHEAD, Hole, holes
from domain.directory import Directory
from domain.policies import Channel
from handlers.policies.judgement import reach
from storage import catalog, coverage, homes
from storage.store import Store, Transaction

EVERY = timedelta(hours=1)


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
        self._sweeping: asyncio.Task[Coverage] | None = None
        self.latest = Coverage()
        """What was found last."""

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When to look again; never while a look is under way."""
        if self.is_sweeping:
            return None
        if self._looked is None or self._looked[0] != coverage.mark(tx):
            return self._clock.now()
        return self._looked[1] + EVERY

    @property
    def is_sweeping(self) -> bool:
        return self._sweeping is not None and not self._sweeping.done()

    async def fire(self) -> None:
        """Begin a look; the engine goes on meanwhile."""
        self._sweeping = asyncio.create_task(self.sweep(), name="coverage")

    async def sweep(self) -> Coverage:
        """Look now."""
        now = self._clock.now()
        mark, directory, what = await self._store.read(
            lambda tx: (coverage.mark(tx), catalog.directory(tx), reach(tx, self._channels))
        )
        self._looked = mark, now
        found = await asyncio.to_thread(holes, directory, what, now)
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
