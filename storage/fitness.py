"""What Vigie takes for granted of a database and can't ask for itself: that every letter can be kept, that a session is
the same server's process from its beginning to its end, and that nobody else has a say in what its tables take."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from storage.opening import Closed
from storage.store import Store, Transaction

ENCODING = "UTF8"
LOOKS = 3
"""Which of its connections a pooler lends next is its own affair: one look may miss that they change."""


def unfit(store: Store) -> Closed | None:
    """Why a database is none for Vigie, although it answers; None when there is nothing to say. Raises Unavailable,
    DBAPIError."""
    if store.is_sqlite:
        return None
    encoding = store.read_now(_encoding)
    if encoding != ENCODING:
        return _of_few_letters(encoding, store.url.database or "")
    return _SHARED if _is_shared(store) else None


def uncleared(tx: Transaction) -> int:
    """How many of the outbox's rows PostgreSQL counts that are gone and not cleared away, about: each look at what is
    due passes by them."""
    return int(tx.execute(_UNCLEARED).scalar() or 0)


def rules_of_others(tx: Transaction) -> list[str]:
    """What somebody has put on Vigie's tables that may refuse what it writes: columns that must be given something, and
    checks. Vigie makes no check."""
    look, found = inspect(tx), []
    for name, own in sorted(SQLModel.metadata.tables.items()):
        required = [one["name"] for one in look.get_columns(name) if not one["nullable"] and one["default"] is None]
        theirs = [one for one in required if one not in own.c or own.c[one].nullable]
        found += [f"{name}.{one} NOT NULL" for one in theirs]
        found += [f"{name} CHECK {one['sqltext']}" for one in look.get_check_constraints(name)]
    return found


_UNCLEARED = text("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = to_regclass('outbox')")


def _encoding(tx: Transaction) -> str:
    return str(tx.execute(text("SHOW server_encoding")).scalar_one())


def _of_few_letters(encoding: str, name: str) -> Closed:
    made = f"createdb --encoding={ENCODING} --template=template0 {name}"
    remedy = f"make one that can ({made}), and bring what is in this one over with pg_dump and pg_restore"
    return Closed(f"the database {name} is in {encoding}, which can't keep every letter of an alert", remedy)


_SHARED = Closed(
    "a pooler lends each transaction another session, and Vigie's locks and statements belong to one",
    "set pool_mode=session for this database in PgBouncer, or name the server itself",
)


def _is_shared(store: Store) -> bool:
    """Whether what is between gives a session's next transaction to another process of the server. Nothing is between
    where the process is the one that greeted."""
    with store.engine.connect() as one, store.engine.connect() as other:
        driver: Any = one.connection.driver_connection
        before = _process(one)
        if before == driver.info.backend_pid:
            return False
        for _ in range(LOOKS):
            one.rollback()
            # Takes what was just given back, and keeps it.
            _process(other)
            if _process(one) != before:
                return True
            other.rollback()
    return False


def _process(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
