"""Connections that a thread keeps from one transaction to the next: to take one out of the pool and give it back costs
as much as several statements, and on PostgreSQL a question to the server."""

from __future__ import annotations

import logging
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, Pool, QueuePool, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.engines import cut, let_go
from storage.faults import Fault, Moved, cause_of, fault_of
from storage.locks import briefly

log = logging.getLogger(__name__)

RESTED_SECONDS = 1.0
"""One that was not used for so long goes by the pool, which asks whether the server is still there."""
SHARED_SECONDS = 4.0
"""For as long a thread waits for another's where there are fewer than threads; a sender of alerts waits longer."""
LOOK_SECONDS = 0.01


class Connections:
    """The connections of one engine: one for each thread that keeps its own, the pool's for any other."""

    def __init__(self, engine: Engine, *, is_brief: bool = False) -> None:
        """With `is_brief` no lock is waited for long by threads that keep none."""
        self._engine = engine
        self._is_brief = is_brief
        self._own = _Own()
        self._resting: dict[int, tuple[Connection, float]] = {}
        """What each thread keeps while it does nothing, and since when."""
        self._pools: dict[Connection, Pool] = {}
        """Which pool each that is out came from."""
        self._drivers: WeakSet[Any] = WeakSet()
        """The driver's connections to a server, whatever becomes of them."""
        self._filling = threading.Lock()
        self._is_closed = False
        self._has_server = engine.dialect.name == "postgresql"
        """Which may have none left."""
        if self._has_server:
            event.listen(engine, "connect", lambda driver, _: self._drivers.add(driver))

    def keep(self) -> None:
        """This thread keeps its connection from now on."""
        self._own.is_keeper = True

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction on this thread's connection: all of it or, when something is raised, none of it."""
        connection = self._taken()
        is_kept = False
        try:
            with connection.begin():
                if self._is_brief and not self._own.is_keeper:
                    briefly(connection)
                yield connection
            is_kept = self._own.is_keeper
        finally:
            if not (connection.invalidated or connection.closed):
                let_go(connection)
            # Whatever state it is in after a failure, the pool puts it right or makes another.
            if is_kept:
                self._resting[threading.get_ident()] = connection, time.monotonic()
            else:
                self._give_back(connection)

    def reserve(self) -> None:
        """Have as many as may be wanted at once, while they are to be had: one that is first asked for by a click would
        be refused once others have taken the server's last. Where there are fewer, one is left for the connection that
        shows this process to the others, without which no page leaves."""
        try:
            with self._filling:
                if not self._is_closed:
                    self._fill()
        except (DBAPIError, PoolTimeout, Moved) as error:
            log.warning("the database gives fewer connections than Vigie may need: %s", cause_of(error))

    def _fill(self) -> None:
        pool, taken = self._engine.pool, list[Connection]()
        assert isinstance(pool, QueuePool)
        try:
            # A failover gives the engine another pool: this one would never be full.
            while pool is self._engine.pool and pool.checkedin() + pool.checkedout() < pool.size():
                taken.append(self._engine.connect())
        except DBAPIError:
            for one in taken[-1:]:
                one.invalidate()
            raise
        finally:
            for one in taken:
                if pool is not self._engine.pool:
                    one.invalidate()
                one.close()

    def cut_off(self) -> None:
        """Have whoever waits for a server's answer wait no longer: it may never come."""
        for driver in tuple(self._drivers):
            cut(driver, self._engine.dialect.loaded_dbapi.Error)

    def heed(self, fault: Fault) -> None:
        """A transaction has met with `fault`. What is connected to a PostgreSQL that was the primary has to look for
        the one that is; and where a table is out of sight, whether what is there is whole."""
        if fault in (Fault.READ_ONLY, Fault.BARE) and self._has_server:
            self._engine.dispose()

    def close(self) -> None:
        """Give all of them back. The threads have ended."""
        with self._filling:
            self._is_closed = True
        for connection in tuple(self._pools):
            self._give_back(connection)

    def _taken(self) -> Connection:
        kept, used_at = self._resting.pop(threading.get_ident(), (None, 0.0))
        if kept is not None:
            is_fresh = time.monotonic() - used_at < RESTED_SECONDS
            if is_fresh and self._is_current(kept) and _is_quiet(kept):
                return kept
            self._give_back(kept)
        # Before it is there: one that is made while the engine gets another pool is none of that one's.
        pool = self._engine.pool
        taken = self._connected()
        self._pools[taken] = pool
        return taken

    def _connected(self) -> Connection:
        """One of the pool; where the server has no more, one that another thread gives back."""
        attempts, until = 0, time.monotonic() + SHARED_SECONDS
        while True:
            attempts += 1
            try:
                return self._engine.connect()
            except DBAPIError as error:
                if fault_of(error) is Fault.BARE or time.monotonic() > until or not self._may_come(attempts):
                    raise
            if resting := self._left_alone():
                self._give_back(resting)
            elif self._pools:
                time.sleep(LOOK_SECONDS)

    def _may_come(self, attempts: int) -> bool:
        """Whether another thread has one that it gives back, or the pool one that is open, behind those that are not:
        others were quicker when the server was started anew, say."""
        pool = self._engine.pool
        return isinstance(pool, QueuePool) and self._has_server and bool(self._pools or attempts <= pool.size())

    def make_room(self) -> None:
        """Have the server end a connection of a thread that does nothing, for one that is none of these."""
        if resting := self._left_alone():
            resting.invalidate()
            self._give_back(resting)

    def _left_alone(self) -> Connection | None:
        """What a thread kept that does nothing, if there is such a one: it keeps it no more."""
        for thread in tuple(self._resting):
            if found := self._resting.pop(thread, None):
                return found[0]
        return None

    def _is_current(self, connection: Connection) -> bool:
        """Whether it is of the pool that the engine has: `dispose` gives it another."""
        return self._pools[connection] is self._engine.pool

    def _give_back(self, connection: Connection) -> None:
        if not self._is_current(connection):
            connection.invalidate()
        del self._pools[connection]
        connection.close()


def _is_quiet(connection: Connection) -> bool:
    """Whether the server has said nothing since: one that ends a connection says so, and that is there to be read. An
    alert that comes right after a failover is not refused for it."""
    driver: Any = connection.connection.driver_connection
    if not hasattr(driver, "fileno"):
        return True
    try:
        waiting = select.poll()
        waiting.register(driver.fileno(), select.POLLIN)
        return not waiting.poll(0)
    except (OSError, connection.dialect.loaded_dbapi.Error):
        return False


class _Own(threading.local):
    """What a thread is."""

    is_keeper = False
