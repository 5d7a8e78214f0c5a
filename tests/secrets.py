"""What a database says to whoever reads its file, or its dump."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from storage.store import Store, Transaction


def raw(store: Store) -> str:
    """Everything that stands in it: SQLite's files byte by byte, PostgreSQL's rows."""
    if not store.is_sqlite:
        return store.read_now(_rows)
    path = Path(str(store.url.database))
    files = (path, path.with_name(f"{path.name}-wal"))
    return "".join(one.read_bytes().decode("latin-1") for one in files if one.exists())


def _rows(tx: Transaction) -> str:
    names = inspect(tx).get_table_names()
    found = (tx.execute(text(f'SELECT t::text FROM "{name}" t')).scalars() for name in names)
    return "\n".join(row for rows in found for row in rows)
