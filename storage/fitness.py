"""What Vigie takes for granted of a database and can't ask for itself: that every letter can be kept, that a session is
the same server's process from its beginning to its end, and that nobody else has a say in what its tables take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, inspect, text
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


def rules_of_others(tx: Transaction) -> tuple[list[str], list[str]]:
    """What somebody has put on Vigie's tables: columns that must be given what Vigie may not give them; and checks and
    triggers, which may refuse what it writes. Vigie makes none. SQLite takes no such column after its table is made."""
    triggers = [f"{table} TRIGGER {name}" for table, name in tx.execute(_TRIGGERS[tx.dialect.name])]
    if tx.dialect.name == "sqlite":
        return [], triggers
    look, tables = inspect(tx), SQLModel.metadata.tables
    columns = [(name, one) for (_, name), found in look.get_multi_columns().items() for one in found]
    checks = [(name, one) for (_, name), found in look.get_multi_check_constraints().items() for one in found]
    required = [
        f"{name}.{one['name']} NOT NULL" for name, one in columns if name in tables and _asks(tables[name], one)
    ]
    return required, [*(f"{name} CHECK {one['sqltext']}" for name, one in checks if name in tables), *triggers]


def _asks(own: Table, column: Mapping[str, Any]) -> bool:
    """Whether a column has to be given something that Vigie may not give it."""
    is_filled = any(column.get(way) is not None for way in ("default", "identity", "computed"))
    name = column["name"]
    return not column["nullable"] and not is_filled and (name not in own.c or bool(own.c[name].nullable))


_TRIGGERS = {
    "sqlite": text("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1, 2"),
    "postgresql": text(
        "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE NOT tgisinternal AND pg_table_is_visible(tgrelid) ORDER BY 1, 2"
    ),
}


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
