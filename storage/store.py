"""Transactions: a plain synchronous function run on a database thread, all of it or none of it.

Nothing in a transaction can await, so nothing in one can wait for a network. SQLite has one writer at a time and a few
readers beside it (WAL); PostgreSQL has a small pool that does both. On both, what somebody does waits in no queue of
alerts and pages.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from math import inf
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import Unavailable
from storage import disk_space, engines
from storage.baton import Baton
from storage.connections import Connections
from storage.diagnoses import diagnosis, noted_fault
from storage.faults import LASTING, PLACED, PLACED_SECONDS, Fault, Moved, cause_of, fault_of, has_given_way
from storage.identifiers import DrawnTwice
from storage.locks import briefly
from storage.own_file import OwnFile
from storage.prepared import prepared
from storage.vault import Vault, give

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Transaction = Connection
Work = Callable[[Transaction], Result]
Told = Callable[[Sequence[object]], None]

READERS = 2
WRITERS = 2
"""SQLite's connections to write: what somebody does has one of its own."""
LOCKED_SECONDS = 5.0
"""Longer than any write of Vigie's own takes."""


class Store:
    """The database. `write` and `read` run `work(transaction)` off the event loop and give back its result."""

    def __init__(self, url: str, keys: Sequence[str] = (), *, is_brief: bool = False) -> None:
        """`keys` are what secrets are sealed with, and were. With `is_brief` no thread but the store's own waits
        long for a lock: who starts Vigie, or gives a command, wants to know why nothing happens."""
        self.url = make_url(url)
        self.vault = Vault(keys)
        self._asked: dict[Future[Any], float] = {}
        """Since when each transaction that is not done is asked for."""
        self._writing: dict[int, float] = {}
        """Since when each thread that writes has been at it."""
        self.write_fault: Fault | None = None
        self.trouble = ""
        """Why the last thing could not be written, None while all is well; in words, with what mends it."""
        self.met: dict[Fault, float] = {}
        """When each fault was last met with, by the monotonic clock."""
        self.told: Told = _nobody
        """Hears what a transaction had to tell (`tell`), once that is on the disk; on a database thread."""
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._file = OwnFile(self.url.database or "" if self.is_sqlite else "")
        if self.is_sqlite:
            self._engine = engines.sqlite(url, WRITERS, "IMMEDIATE", self._file.check_place)
            self._reading = engines.sqlite(url, READERS + 1, "DEFERRED", self._file.check_place)
        else:
            self._engine = self._reading = engines.postgresql(url)
        self._baton = Baton() if self.is_sqlite else None
        self._to_write = Connections(self._engine, is_brief=is_brief)
        self._to_read = Connections(self._reading) if self.is_sqlite else self._to_write
        if self.is_sqlite:
            self._writers = _threads(1, "database", self._to_write)
            self._readers = _threads(READERS, "reading", self._to_read)
        else:
            self._writers = self._readers = _threads(engines.POSTGRESQL_CONNECTIONS, "database", self._to_write)
        self._actors = _threads(1 if self.is_sqlite else engines.ACTORS, "acting", self._to_write)
        self._browsers = _threads(1 if self.is_sqlite else engines.BROWSERS, "browsing", self._to_read)
        for engine in (self._engine, self._reading):
            give(engine.dialect, self.vault)

    @property
    def engine(self) -> Engine:
        """For migrations; everything else goes through `write` and `read`."""
        return self._engine

    @property
    def under_way(self) -> int:
        """How many transactions are asked for and not done."""
        return len(self._asked)

    @property
    def asked_seconds(self) -> float:
        """For how long the oldest of them has been asked for; 0 when there is none."""
        return max((time.monotonic() - begun for begun in tuple(self._asked.values())), default=0.0)

    @property
    def write_seconds(self) -> float:
        """For how long the oldest write has been under way; 0 when there is none."""
        return max((time.monotonic() - begun for begun in tuple(self._writing.values())), default=0.0)

    async def write(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction that may change things. What it raises undoes all of it; when a name that it drew
        was taken, or it was undone for another's sake, it is run again."""
        return await self._on_a_thread(self._writers, self.write_now, work)

    async def act(self, work: Work[Result]) -> Result:
        """`write`, for what somebody does and waits for: of the alerts and pages that wait to be written it waits for
        one transaction at most."""
        return await self._on_a_thread(self._actors, self.write_now, work)

    async def read(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction that only looks."""
        return await self._on_a_thread(self._readers, self.read_now, work)

    async def browse(self, work: Work[Result]) -> Result:
        """`read`, for what may take long: however many of these there are, pages and clicks do not wait for them."""
        return await self._on_a_thread(self._browsers, self.read_now, work)

    async def _on_a_thread(
        self, threads: ThreadPoolExecutor, run: Callable[[Work[Result]], Result], work: Work[Result]
    ) -> Result:
        asked = threads.submit(run, work)
        # Until it is done: who waited for it may have left.
        self._asked[asked] = time.monotonic()
        asked.add_done_callback(lambda done: self._asked.pop(done, None))
        return await asyncio.wrap_future(asked)

    async def reserve(self) -> None:
        """Have every connection that may be wanted, before others take the server's last; on SQLite those that read,
        before its file is moved."""
        await asyncio.to_thread(self._to_read.reserve)

    async def make_room(self) -> None:
        """Have a PostgreSQL's connection to spare for one that is not the store's."""
        await asyncio.to_thread(self._to_write.make_room)

    async def cut_off(self, after: float) -> None:
        """From so many seconds on, whoever waits long for a PostgreSQL's answer gets none: it may never come."""
        await asyncio.sleep(after)
        while True:
            if self.asked_seconds > LOCKED_SECONDS:
                self._to_write.cut_off()
            await asyncio.sleep(1)

    def write_now(self, work: Work[Result]) -> Result:
        """`write`, on this thread: for the command line."""
        self._writing[threading.get_ident()] = time.monotonic()
        try:
            with self._baton.held() if self._baton else nullcontext():
                result = _repeated(lambda: _within(self._to_write, work, self.told))
        except Unavailable as error:
            if error.__cause__ and (fault := fault_of(error.__cause__)):
                self._note(fault, error.__cause__)
            raise
        finally:
            self._writing.pop(threading.get_ident(), None)
        if self.write_fault and self.write_fault not in LASTING:
            self._note(None)
        return result

    def require_place(self) -> None:
        """For what is promised to be kept. Raises Unavailable when the next start opens another file."""
        try:
            self._file.check()
        except Moved as error:
            self._note(error.fault, error)
            raise Unavailable(error.fault.value) from error

    async def try_again(self) -> None:
        """Whether what could not be written can be again: something is, for a disk that is full still takes what is
        small, and a database that may only be read lets whoever only reads go on. Raises Unavailable."""
        self.require_place()
        if self.write_fault in PLACED and self.since(self.write_fault) < PLACED_SECONDS:
            raise Unavailable(self.write_fault.value)
        if self.write_fault:
            await self.write(disk_space.taken)
            self._note(None)

    def since(self, fault: Fault) -> float:
        """How many seconds ago it was last met with."""
        return time.monotonic() - self.met.get(fault, -inf)

    def _note(self, fault: Fault | None, cause: BaseException | None = None) -> None:
        """Say once that nothing can be written, how to mend it, and that it is over."""
        if fault:
            self.met[fault] = time.monotonic()
        before, was = self.write_fault, self.trouble
        if before in LASTING and fault and fault not in LASTING:
            # A lock, say, which is over soon: what lasts is not over with it.
            return
        self.write_fault, self.trouble = fault, diagnosis(fault, cause) if fault else ""
        if fault and (fault is not before or (fault is Fault.AWAY and self.trouble != was)):
            said = cause_of(cause) if cause else ""
            log.error("%s%s", self.trouble, f" ({said})" if said not in self.trouble else "")
        elif before and not fault:
            log.warning("the database takes what is written again")

    def read_now(self, work: Work[Result]) -> Result:
        """`read`, on this thread."""
        try:
            return _within(self._to_read, work)
        except Unavailable as error:
            if error.__cause__ and (fault := fault_of(error.__cause__)) in {*PLACED, Fault.SHARED}:
                self._note(fault, error.__cause__)
            raise

    def close(self) -> None:
        """Wait for what runs, then let go of threads and connections. What waits behind a lock that somebody else holds
        is left undone: each would wait for it in turn."""
        is_locked = self.write_seconds > LOCKED_SECONDS
        for threads in (self._writers, self._actors, self._readers, self._browsers):
            threads.shutdown(wait=True, cancel_futures=is_locked)
        self._to_write.close()
        self._to_read.close()
        self._engine.dispose()
        self._reading.dispose()


def _threads(count: int, name: str, connections: Connections) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix=name, initializer=connections.keep)


def _nobody(what: Sequence[object]) -> None:
    """Nobody is told."""


def _within(connections: Connections, work: Work[Result], told: Told = _nobody) -> Result:
    """Run `work` in a transaction. Raises Unavailable when it is the database that fails, and not the work."""
    what: list[object] = []
    try:
        with connections.begin() as transaction:
            transaction.info[_TO_TELL] = what
            result = work(transaction)
    except (DBAPIError, PoolTimeout, Moved) as error:
        fault = noted_fault(error)
        if fault is None:
            raise
        connections.heed(fault)
        raise Unavailable(fault.value) from error
    if what:
        told(what)
    return result


def _repeated(attempt: Callable[[], Result]) -> Result:
    """What `attempt` gives once the random names that it draws are free, and nobody waits for it who it waits for."""
    for _ in range(ATTEMPTS):
        try:
            return attempt()
        except DrawnTwice:
            log.debug("a name was drawn that is taken; once more")
        except Unavailable as error:
            if not has_given_way(error.__cause__):
                raise
            log.info("a transaction was undone so that another could go on; once more")
    return attempt()


ATTEMPTS = 10


async def promptly(result: Awaitable[Result]) -> Result:
    """`result`, unless it takes too long for whoever is on the line: they may ask again. Raises Unavailable."""
    try:
        async with asyncio.timeout(PROMPTLY_SECONDS) as patience:
            return await result
    except TimeoutError:
        if patience.expired():
            raise Unavailable(Fault.BUSY.value) from None
        raise


PROMPTLY_SECONDS = 8.0


def tell(transaction: Transaction, what: Sequence[object]) -> None:
    """Have `Store.told` hear of this, if the transaction is kept."""
    transaction.info.get(_TO_TELL, []).extend(what)


_TO_TELL = "vigie: what to tell"


def serialise(transaction: Transaction, name: str) -> None:
    """Let one transaction at a time, of all processes, past this point. SQLite's writers already take turns."""
    if transaction.dialect.name == "postgresql":
        transaction.execute(_LOCK, {"name": name})
        briefly(transaction)


_LOCK = prepared(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), is_heard=False)
