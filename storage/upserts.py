"""One row whose key somebody else may be putting in at the same moment."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.store import Transaction


def put_row(tx: Transaction, into: Table, values: dict[str, Any]) -> None:
    """Keep one row in the stead of the one with its key, if there is any. Of two transactions that do so at once, the
    later counts, and neither fails."""
    inserting, keys = _upsert(tx, into).values(values), _keys(into)
    new = {name: inserting.excluded[name] for name in values if name not in keys}
    tx.execute(inserting.on_conflict_do_update(index_elements=keys, set_=new))


def put_if_new(tx: Transaction, into: Table, values: dict[str, Any]) -> bool:
    """Keep one row unless there is one with its key; whether it was kept. Of two transactions that do so at once, one
    does."""
    kept = _upsert(tx, into).values(values).on_conflict_do_nothing(index_elements=_keys(into))
    return tx.execute(kept.returning(*into.primary_key)).first() is not None


def _upsert(tx: Transaction, into: Table) -> Any:
    return (sqlite_insert if tx.dialect.name == "sqlite" else postgresql_insert)(into)


def _keys(into: Table) -> list[str]:
    return [column.name for column in into.primary_key]
