"""War rooms whose time has come to be archived, or to be made after a storm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain.clock import Clock
from handlers.rooms import wishes
from storage import rooms
from storage.store import Store, Transaction


class RoomTimes:
    """Rooms whose time has come. `stir` is called when there is something to do."""

    def __init__(self, store: Store, clock: Clock, stir: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._stir = stir

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When the next one is due."""
        return rooms.next_wake(tx)

    async def fire(self) -> None:
        """Let those that are due be looked at."""
        await self._store.write(self._due)
        self._stir()

    def _due(self, tx: Transaction) -> None:
        now = self._clock.now()
        rooms.wake(tx, now)
        wishes.release_due(tx, now)
