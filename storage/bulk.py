"""Many rows at once: an alert is half a dozen of them, and they come in thousands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update

from storage.prepared import prepared
from storage.records import GIVEN, Row, records
from storage.store import Transaction


def insert_many(tx: Transaction, into: Table, rows: Sequence[Row]) -> None:
    """Keep rows that all have the same columns."""
    if not rows:
        return
    if is_one_value(tx, rows):
        tx.execute(_insertion_of_records(into, tuple(rows[0])), {GIVEN: rows})
    else:
        tx.execute(_insertion(into, tuple(rows[0])), rows)


def update_many(tx: Transaction, of: Table, key: str, rows: Sequence[Row]) -> None:
    """Change rows that are there, each found by its `key`. All give the same columns, no two the same key."""
    if not rows:
        return
    if is_one_value(tx, rows):
        tx.execute(_update_of_records(of, key, tuple(rows[0])), {GIVEN: rows})
    else:
        tx.execute(
            _update(of, key, tuple(rows[0])), [{_bound(name): value for name, value in row.items()} for row in rows]
        )


def is_one_value(tx: Transaction, rows: Sequence[Row]) -> bool:
    """Whether these rows are better given to the database as one value."""
    return len(rows) > 1 and tx.dialect.name == "postgresql"


@cache
def _insertion(into: Table, columns: tuple[str, ...]) -> Any:
    return prepared(insert(into), columns)


@cache
def _insertion_of_records(into: Table, columns: tuple[str, ...]) -> Any:
    given = records(into, columns)
    return prepared(insert(into).from_select(columns, select(*(given.c[name] for name in columns))), is_heard=False)


@cache
def _update(of: Table, key: str, columns: tuple[str, ...]) -> Any:
    changed: Row = {name: bindparam(_bound(name)) for name in columns if name != key}
    return prepared(update(of).where(of.c[key] == bindparam(_bound(key))).values(changed), is_heard=False)


@cache
def _update_of_records(of: Table, key: str, columns: tuple[str, ...]) -> Any:
    given = records(of, columns)
    changed = {name: given.c[name] for name in columns if name != key}
    return prepared(update(of).where(of.c[key] == given.c[key]).values(changed), is_heard=False)


def _bound(name: str) -> str:
    """A column's name is not free for a value in an update of it."""
    return f"its_{name}"
