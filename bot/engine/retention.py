"""Old incidents, forgotten by the days that the settings say; off unless they do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from domain.clock import Clock
from domain.errors import Unavailable
from storage import retention
from storage.store import Store, Transaction, serialise

log = logging.getLogger(__name__)

EVERY_SECONDS = 600
MOST_AT_ONCE = 50
"""Incidents a transaction: what is forgotten holds nobody up, on SQLite neither."""
MOST_BATCHES = 200
Work = Callable[[Transaction, datetime, int], int]


class Retention:
    """Days since an incident was resolved; 0 is for ever."""

    def __init__(
        self, store: Store, clock: Clock, *, purge_days: int, anonymise_days: int, batch: int = MOST_AT_ONCE
    ) -> None:
        self._batch = batch
        self._store = store
        self._clock = clock
        self._steps: tuple[tuple[int, Work, str], ...] = (
            (purge_days, retention.purge, "forgotten"),
            (anonymise_days, retention.anonymise, "made anonymous"),
        )

    async def forget(self) -> None:
        """A few batches of what is old enough."""
        for days, work, word in self._steps:
            count = await self._batches(days, work) if days else 0
            if count:
                log.info("%s incidents, resolved %s days ago and more, were %s", count, days, word)

    async def _batches(self, days: int, work: Work) -> int:
        before, count = self._clock.now() - timedelta(days=days), 0

        def batch(tx: Transaction) -> int:
            serialise(tx, "retention")
            return work(tx, before, self._batch)

        for _ in range(MOST_BATCHES):
            try:
                done = await self._store.write(batch)
            except Unavailable as error:
                log.warning("nothing more is forgotten for now: %s", error)
                return count
            count += done
            if done < self._batch:
                return count
        return count
