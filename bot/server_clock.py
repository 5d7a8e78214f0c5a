"""The clock of the database's server, which all processes go by: followed, and compared with this machine's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.clock import SharedTime, wall_now
from bot.kept_clock import read_clock
from domain.errors import Unavailable
from storage.store import Store

log = logging.getLogger(__name__)

EVERY_SECONDS = 5
TOLD = timedelta(seconds=2)
"""Clocks that are so far apart are worth a word."""


class ServerClock:
    """`look` brings `time` to what the server shows; `moved` is called when that changes what is due. `machine` is this
    machine's own clock."""

    def __init__(
        self, store: Store, time: SharedTime, moved: Callable[[], None], machine: Callable[[], datetime] = wall_now
    ) -> None:
        self._store = store
        self._time = time
        self._moved = moved
        self._machine = machine
        self._ahead = timedelta(0)
        """How far this machine's clock was ahead when that was last told."""

    async def look(self) -> timedelta:
        """Follow it; by how much that moved the time. While the database is away this machine's count of seconds has
        to do."""
        try:
            reading = await self._store.read(read_clock)
        except Unavailable:
            return timedelta(0)
        if moved := self._time.follow(reading):
            log.info("the clock of the database's server: Vigie's time moves by %.1f s", moved.total_seconds())
            self._moved()
        self.compare()
        return moved

    def compare(self) -> None:
        """Say that this machine's clock is another, once for each time that it is set."""
        ahead = self._machine() - self._time()
        if abs(ahead - self._ahead) < TOLD:
            return
        self._ahead = ahead
        if abs(ahead) < TOLD:
            log.warning("this machine's clock is that of the database's server again")
        else:
            way = "ahead of" if ahead > timedelta(0) else "behind"
            said = "this machine's clock is %.0f s %s the database server's, by which Vigie goes: set both by NTP"
            log.warning(said, abs(ahead.total_seconds()), way)
