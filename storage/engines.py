"""Connections: SQLite's in WAL, where what was answered outlives a power cut, and PostgreSQL's pool."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Timer
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from storage import documents, pipelines, wholeness
from storage.prepared import flush, prepared

POSTGRESQL_CONNECTIONS = 4
ACTORS = 2
"""Connections for what somebody does and waits for, on PostgreSQL: an incident that is locked holds up no page."""
BROWSERS = 2
"""Connections for what may take long, on PostgreSQL; SQLite has one."""
BUSY_MILLISECONDS = 20_000
"""How long SQLite waits for whoever writes: another process that upgrades the schema, or loads a catalog."""
STATEMENTS = 512
"""How many statements a connection keeps ready; Vigie has about 300, and the drivers' own 128 and 100 are used up and
forgotten in turn."""
POSTGRESQL_REACH: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
    "client_encoding": "utf8",
}
"""Seconds, tries and, for the last, milliseconds: a server that is gone without a word is noticed, also while a
statement waits for its answer. Then keepalives do not count, and the kernel sends it again for 15 minutes and more
(https://www.postgresql.org/docs/current/libpq-connect.html, tcp_user_timeout). And the letters that are spoken,
whatever the role's or the environment's are."""
LENT_SECONDS = 2.0
"""How long a new connection may keep its first question waiting: PgBouncer greets though it has lent all its sessions,
and lets that question wait for two minutes."""
FROZEN_MILLISECONDS = 15_000
"""No transaction of ours rests for so long between two statements: nothing in one waits for anything."""
_SESSION = (
    # A process that is frozen in a transaction holds what it has locked: the server lets go of it before the lease of
    # what that process was sending is over.
    f"SET idle_in_transaction_session_timeout = {FROZEN_MILLISECONDS}",
    # Who has waited for a lock has to see what the one before wrote, whatever the role or the database is set to.
    "SET default_transaction_isolation = 'read committed'",
    # A backslash in a statement is one: what is searched for is escaped with it.
    "SET standard_conforming_strings = on",
    # The driver reads times in no other.
    "SET datestyle = 'ISO'",
    # A look for what is due next reads a few pages, and its plan is long: where a table is bloated the server takes it
    # for dear and compiles it anew each time, which costs a hundred milliseconds to seconds. PostgreSQL 10 has no such
    # setting.
    "SELECT set_config('jit', 'off', false) WHERE current_setting('jit', true) IS NOT NULL",
)
_SETTINGS = "; ".join(_SESSION)


def sqlite(url: str, connections: int, begin: str, check: Callable[[], None]) -> Engine:
    """For so many threads; transactions begin as `begin` says: IMMEDIATE to write, DEFERRED to read. `check` raises
    what keeps a connection from being made."""
    engine = create_engine(
        url,
        # An error is logged and shown: what was to be written has no place in it.
        hide_parameters=True,
        json_serializer=documents.written,
        json_deserializer=documents.read,
        poolclass=QueuePool,
        pool_size=connections,
        # The threads of the store keep theirs: one more for whoever else asks.
        max_overflow=1,
        connect_args={"check_same_thread": False, "timeout": BUSY_MILLISECONDS / 1000, "cached_statements": STATEMENTS},
    )

    @event.listens_for(engine, "do_connect")
    def make(*_: object) -> None:
        check()
        _make(engine.url.database or "")

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # Python's own transaction handling opens none for a SELECT: 27 of 300 concurrent increments survived it.
        assert isinstance(connection, sqlite3.Connection)
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection: Connection, cursor: Any, *_: object) -> None:
        connection.info.setdefault(_OPEN, []).append(cursor)

    beginning = prepared(text(f"BEGIN {begin}"))

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.execute(beginning)

    return engine


def let_go(connection: Connection) -> None:
    """Close what was being read on a connection. An error holds on to it and SQLite's rollback does not end it: the
    connection would stay in the moment in which that reading began, and its next reader see nothing newer."""
    for cursor in connection.info.pop(_OPEN, ()):
        cursor.close()


_OPEN = "vigie: what is being read"


def _make(file: str) -> None:
    """A database that only its owner may read; SQLite gives the files beside it the same mode. One that is there is not
    opened: to close it again takes away the locks that this process has on it."""
    # Why there can be none SQLite says better.
    if not file.startswith((":memory:", "file:")) and not os.path.exists(file):
        with suppress(OSError):
            os.close(os.open(os.path.realpath(file), os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ONLY))


_OWNER_ONLY = 0o600
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # FULL: a 202 that left is on the disk, also when the power goes.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
    "PRAGMA cache_size=-6000",
)


def address(dialect: Dialect, url: URL) -> dict[str, Any]:
    """A PostgreSQL's address as libpq takes it: SQLAlchemy lets several hosts, and ports, be written in ways of its
    own."""
    return {name: word for name, word in dialect.create_connect_args(url)[1].items() if name != "context"}


def postgresql(url: str) -> Engine:
    """A small pool that reads and writes."""
    connections = POSTGRESQL_CONNECTIONS + ACTORS + BROWSERS
    options: dict[str, Any] = {"pool_size": connections, "max_overflow": 1, "pool_pre_ping": True}
    options |= {"connect_args": POSTGRESQL_REACH, "hide_parameters": True, "json_serializer": documents.written}
    options["json_deserializer"] = documents.read
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        driver: Any = connection
        errors = engine.dialect.loaded_dbapi
        driver.prepared_max = STATEMENTS
        # One that is lost here belongs to nobody yet: SQLAlchemy forgets it without closing it.
        with ExitStack() as unless_ready:
            unless_ready.callback(connection.close)
            cursor = connection.cursor()
            with _in_time(driver, errors.Error):
                cursor.execute(_SETTINGS)
            wholeness.require(cursor, errors.errors.UndefinedTable)
            cursor.close()
            connection.commit()
            unless_ready.pop_all()

    pipelines.follow(engine, flush)
    return engine


@contextmanager
def _in_time(driver: Any, lost: type[Exception]) -> Iterator[None]:
    """What is asked in here is answered in time, or the connection is cut."""
    cutting = Timer(LENT_SECONDS, cut, [driver, lost])
    cutting.daemon = True
    cutting.start()
    try:
        yield
    finally:
        cutting.cancel()


def cut(driver: Any, lost: type[Exception]) -> None:
    """Have whoever waits for an answer on a connection to a server wait no longer. `lost` is what the driver raises for
    one that is closed."""
    with suppress(OSError, lost), socket.socket(fileno=os.dup(driver.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
