"""The product's clock, which goes on from where the last process on this database left it, and the world's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.clock import Anchor, Reading, SharedTime, SystemClock, rebased, uptime, wall_now
from storage import clock as clocks
from storage.store import Store, Transaction


def world_of(store: Store) -> Callable[[], datetime]:
    """The world's time for whoever works with this database: its server's, for several machines share that; this
    machine's beside an SQLite file."""
    return wall_now if store.is_sqlite else SharedTime(store.read_now(read_clock))


def read_clock(tx: Transaction) -> Reading:
    """What the clock of the database's server shows."""
    asked_at = uptime()
    return Reading(clocks.shown(tx), asked_at, uptime())


def open_clock(store: Store, speed: float, wall: Callable[[], datetime] | None = None) -> SystemClock:
    """The clock, going on from where the last process left it. `wall` is the world's time, as `world_of` has it."""
    wall = wall or world_of(store)
    before, anchor = _anchors(store, speed, wall())
    if anchor and before != (speed, anchor):
        store.write_now(lambda tx: clocks.keep(tx, speed, anchor.wall, anchor.product))
    return SystemClock(speed, anchor, wall)


def look_at_clock(store: Store, speed: float) -> SystemClock:
    """The same, for whoever is not Vigie itself, which may go at another speed: its clock is left to it."""
    wall = world_of(store)
    return SystemClock(speed, _anchors(store, speed, wall())[1], wall)


def _anchors(store: Store, speed: float, now: datetime) -> tuple[tuple[float, Anchor] | None, Anchor | None]:
    """What the last process kept, and where a clock of `speed` goes on."""
    kept = store.read_now(clocks.read)
    before = (kept[0], Anchor(kept[1], kept[2])) if kept else None
    return before, rebased(before, speed, now)
