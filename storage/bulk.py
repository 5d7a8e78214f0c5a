"""Many rows at once, without what SQLAlchemy does for each: an alert is half a dozen rows, and they come in thousands.

PostgreSQL takes the usual way, where the network costs more than this saves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import JSON, Table, insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.moments import Moment, to_text
from storage.store import Transaction
from storage.vault import Sealed, SealedJSON

Converter = Callable[[Any], Any]


def insert_many(tx: Transaction, into: Table, values: Sequence[dict[str, Any]]) -> None:
    """Keep rows that all have the same columns."""
    if not values:
        return
    if tx.dialect.name != "sqlite":
        tx.execute(insert(into), list(values))
        return
    if sealed := _sealed(into):
        dialect = tx.dialect
        values = [row | {name: kind.process_bind_param(row[name], dialect) for name, kind in sealed} for row in values]
    statement, columns = _prepared(into, tuple(values[0]))
    rows = [tuple([convert(row[name]) if convert else row[name] for name, convert in columns]) for row in values]
    tx.exec_driver_sql(statement, rows)


def put_row(tx: Transaction, into: Table, values: dict[str, Any]) -> None:
    """Keep one row in the stead of the one with its key, if there is any. Of two transactions that do so at once, the
    later counts, and neither fails."""
    inserting = (sqlite_insert if tx.dialect.name == "sqlite" else postgresql_insert)(into).values(values)
    keys = [column.name for column in into.primary_key]
    new = {name: inserting.excluded[name] for name in values if name not in keys}
    tx.execute(inserting.on_conflict_do_update(index_elements=keys, set_=new))


@cache
def _sealed(into: Table) -> tuple[tuple[str, Sealed | SealedJSON], ...]:
    """The columns of which something is sealed before it is written."""
    return tuple((column.name, column.type) for column in into.c if isinstance(column.type, Sealed | SealedJSON))


@cache
def _prepared(into: Table, names: tuple[str, ...]) -> tuple[str, tuple[tuple[str, Converter | None], ...]]:
    written = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    statement = f'INSERT INTO "{into.name}" ({written}) VALUES ({marks})'  # noqa: S608 - names are the tables' own
    return statement, tuple((name, _converter(into, name)) for name in names)


def _converter(into: Table, name: str) -> Converter | None:
    kind = into.c[name].type
    if isinstance(kind, Moment):
        return to_text
    return _to_json if isinstance(kind, JSON | SealedJSON) else None


def _to_json(value: Any) -> str:
    """Most lists are empty, and the encoder takes its time to begin."""
    return "[]" if value == [] else json.dumps(value)
