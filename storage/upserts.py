"""Rows whose keys somebody else may be putting in at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.bulk import is_one_value
from storage.prepared import prepared
from storage.records import GIVEN, Row, records
from storage.store import Transaction


class Upsert:
    """Many rows, of which some may be there: `settled` makes of an insertion one that says what becomes of those."""

    def __init__(self, into: Table, columns: Sequence[str], key: str, settled: Callable[[Any], Any]) -> None:
        self._key = key
        given = records(into, columns)
        at_once = postgresql_insert(into).from_select(columns, select(*(given.c[name] for name in columns)))
        self._at_once = prepared(settled(at_once), is_heard=False)
        self._one_by_one = {
            "sqlite": prepared(settled(sqlite_insert(into)), columns),
            "postgresql": prepared(settled(postgresql_insert(into)), columns),
        }

    def put(self, tx: Transaction, rows: Sequence[Row]) -> None:
        """Keep `rows`, in the order of their keys for everybody: two transactions that put the same two must not wait
        for each other. Of several with one key each counts."""
        rows = sorted(rows, key=lambda row: str(row[self._key]))
        if is_one_value(tx, rows) and len({row[self._key] for row in rows}) == len(rows):
            tx.execute(self._at_once, {GIVEN: rows})
        elif rows:
            tx.execute(self._one_by_one[tx.dialect.name], rows)


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
