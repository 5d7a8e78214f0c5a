"""Which processes live, as PostgreSQL sees it, and a bell that one rings for all the others.

Each process holds a lock of its own name for as long as it is connected: one that is killed lets go of it at once, and
another takes over what it was sending before its lease is over. On the same connection it listens, so that what one
process takes in another sends without having looked for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

from sqlalchemy import text

from domain.errors import Unavailable
from storage import claims
from storage.diagnoses import diagnosis
from storage.engines import LENT_SECONDS, POSTGRESQL_REACH, address, cut
from storage.faults import Fault, cause_of
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

PULSE_SECONDS = 5.0
"""How often the connection is tried while nobody rings."""
AGAIN_SECONDS = 1.0
COALESCED_SECONDS = 0.05
"""However often it is rung, the others hear it once in this time."""
GONE_SECONDS = 6.0
"""A name that nobody holds for this long is a dead process's: after an outage the living hold theirs again sooner."""
_BELL = "vigie_look"
_LIVING = 0x7669676965
"""A lock that all the living share, to be counted."""
_HOLD = "SELECT pg_try_advisory_lock(hashtext(%s)), pg_backend_pid()"
_SHARE = "SELECT pg_try_advisory_lock_shared(%s), pg_try_advisory_lock_shared(%s)"
_IS_FREE = text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")
_RING = text("SELECT pg_notify(:bell, :name)")
_COUNT = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ShareLock' AND objsubid = 1 "
    "AND classid = :high AND objid = :low "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Presence:
    """One process's name, held on a connection of its own; `rung` is called when another process has rung.

    SQLite has one process, and needs none of this: there, nothing here does anything.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self.rung: Callable[[], None] = lambda: None
        self._connection: Any = None
        self._has_name = False
        """Whether it is this connection that holds the name."""
        self._session = 0
        """The server's process that it was given for that."""
        # As SQLAlchemy has loaded it: on SQLite nobody does, and it is nine megabytes.
        self._driver: Any = store.engine.dialect.loaded_dbapi
        self._keeping: asyncio.Task[None] | None = None
        self._ringing: asyncio.Task[None] | None = None
        self._is_asked_again = False
        self._patience = 0.0
        self._missed: dict[str, float] = {}
        """Since when the name of a holder was free, in seconds of the loop's clock."""

    @property
    def is_held(self) -> bool:
        """Whether the others see this process, as far as it knows."""
        return self._store.is_sqlite or (self._connection is not None and not self._connection.closed)

    async def announce(self) -> None:
        """Hold the name from now on, and again whenever the connection was lost. Raises Unavailable."""
        if self._store.is_sqlite or self._keeping is not None:
            return
        try:
            await self._connect()
        except (self._driver.Error, OSError, TimeoutError) as error:
            raise Unavailable(Fault.AWAY.value) from error
        self._keeping = asyncio.create_task(self._keep(), name="presence")

    async def close(self) -> None:
        """Let go. Nobody is rung any more."""
        tasks, self._keeping = (self._keeping, self._ringing), None
        for task in tasks:
            if task is not None:
                task.cancel()
                await asyncio.wait({task})
        await self._hang_up()

    def ring(self) -> None:
        """Tell the others to look. Many rings in a moment are one."""
        if self._store.is_sqlite or self._keeping is None:
            return
        if self._ringing is not None and not self._ringing.done():
            self._is_asked_again = True
            return
        self._ringing = asyncio.create_task(self._tell(), name="ring")

    def gone(self, tx: Transaction, seconds: float) -> list[str]:
        """The processes that were sending something and live no more. `seconds` is the loop's clock. A process that
        has just begun takes over at once: whoever was here before it has most likely just ended."""
        patience, self._patience = self._patience, GONE_SECONDS
        free = [name for name in claims.holders(tx) if name != self._name and is_free(tx, name)]
        self._missed = {name: self._missed.get(name, seconds) for name in free}
        return [name for name, since in self._missed.items() if seconds - since >= patience]

    async def _keep(self) -> None:
        is_said = False
        while True:
            try:
                await self._listen()
                is_said = False
            except (self._driver.Error, OSError, TimeoutError) as error:
                if not is_said:
                    log.warning("the connection that shows this process to the others was lost: %s", cause_of(error))
                    is_said = True
                await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self) -> None:
        connection = self._connection
        if connection is None or connection.closed:
            connection = await self._connect()
            # What was rung meanwhile nobody heard.
            self.rung()
        loop = asyncio.get_running_loop()
        until = loop.time() + (PULSE_SECONDS if self._has_name else AGAIN_SECONDS)
        while loop.time() < until:
            async for heard in connection.notifies(timeout=0):
                if heard.payload != self._name:
                    self.rung()
            await _said(connection, until - loop.time())
        async with asyncio.timeout(PULSE_SECONDS):
            await (self._look(connection) if self._has_name else self._hold(connection))

    async def _connect(self) -> Any:
        await self._hang_up()
        async with asyncio.timeout(LENT_SECONDS + PULSE_SECONDS):
            try:
                connection = await self._held()
            except self._driver.Error:
                # Where the server has none left, what this process has beside is of no use without it.
                await self._store.make_room()
                connection = await self._held()
            await connection.execute(_SHARE, (_LIVING, _of_key(self._store.vault.primary)))
            await connection.execute(f"LISTEN {_BELL}")
        self._missed = {}
        return connection

    async def _held(self) -> Any:
        """A connection that shows this process to the others. A pooler that has none left says nothing on it."""
        server = {**address(self._store.engine.dialect, self._store.url), **POSTGRESQL_REACH}
        connection = await self._driver.AsyncConnection.connect(autocommit=True, **server)
        # One that is only given up would first be waited for to say so.
        cutting = asyncio.get_running_loop().call_later(LENT_SECONDS, cut, connection, self._driver.Error)
        async with AsyncExitStack() as unless_held:
            unless_held.push_async_callback(connection.close)
            unless_held.callback(cutting.cancel)
            await self._hold(connection)
            unless_held.pop_all()
        cutting.cancel()
        self._connection = connection
        return connection

    async def _hold(self, connection: Any) -> None:
        """Hold the name, if it is to be had. A lock that the server has not noticed to be lost is this process's own,
        and shows it as well for as long as it lasts; another process that asks whether the name is free has it for that
        moment."""
        found = await (await connection.execute(_HOLD, (self._name,))).fetchone()
        self._has_name, self._session = bool(found[0]), int(found[1])

    async def _look(self, connection: Any) -> None:
        """Whether the server is there, and the connection still one to the session that holds the name."""
        found = await (await connection.execute("SELECT pg_backend_pid()")).fetchone()
        if found[0] != self._session:
            if Fault.SHARED not in self._store.met:
                log.error(diagnosis(Fault.SHARED))
            self._store.met[Fault.SHARED] = time.monotonic()
            # The next connection is looked at anew: the pooler may lend whole sessions again.
            await self._hang_up()

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(self._driver.Error, OSError, TimeoutError):
                async with asyncio.timeout(PULSE_SECONDS):
                    await connection.close()

    async def _tell(self) -> None:
        while True:
            self._is_asked_again = False
            with suppress(Unavailable):
                await self._store.write(lambda tx: tx.execute(_RING, {"bell": _BELL, "name": self._name}))
            await asyncio.sleep(COALESCED_SECONDS)
            if not self._is_asked_again:
                return


async def _said(connection: Any, seconds: float) -> None:
    """Wait for the server to say something, for so long. The driver itself looks ten times a second meanwhile, which is
    half of what an idle Vigie does."""
    loop, line, said = asyncio.get_running_loop(), connection.fileno(), asyncio.Event()
    loop.add_reader(line, said.set)
    try:
        async with asyncio.timeout(seconds):
            await said.wait()
    except TimeoutError:
        return
    finally:
        loop.remove_reader(line)


def is_free(tx: Transaction, name: str) -> bool:
    """Whether nobody holds this process's name."""
    return bool(tx.execute(_IS_FREE, {"name": name}).scalar())


def living(tx: Transaction) -> int:
    """How many processes work on this database: one, on SQLite."""
    if tx.dialect.name != "postgresql":
        return 1
    return max(_count(tx, _LIVING), 1)


def all_hold(tx: Transaction, key: str) -> bool:
    """Whether every process that works on this database seals with the key of this name, or is to; so when none
    lives."""
    return tx.dialect.name != "postgresql" or _count(tx, _LIVING) == _count(tx, _of_key(key))


def _count(tx: Transaction, lock: int) -> int:
    return int(tx.execute(_COUNT, {"high": lock >> 32, "low": lock & 0xFFFFFFFF}).scalar_one())


def _of_key(name: str) -> int:
    """The lock that all share who seal with this key: as many bits as a lock has without its sign."""
    return int(name or "0", 16) >> 1
