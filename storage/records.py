"""Rows as one value, which PostgreSQL takes apart: a tenth of the work of a message for each, here and there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import JSON, Dialect, Table, Text, bindparam, cast, column, func, literal_column
from sqlalchemy.types import TypeDecorator

from storage import documents

Row = dict[str, Any]
GIVEN = "records"
"""The name of the value that a statement with `records` in it is executed with."""


def records(of: Table, columns: Sequence[str]) -> Any:
    """What stands in a statement for rows of a table with these columns."""
    of_its_kind: Any = literal_column(f'NULL::"{of.name}"')
    given = cast(bindparam(GIVEN, type_=_Records(of)), JSON)
    rows = func.json_populate_recordset(of_its_kind, given).table_valued(*(column(name) for name in columns))
    return rows.alias("given")


class _Records(TypeDecorator[Sequence[Row]]):
    """Rows of a table as JSON, each value as its column has it. None is no value, in a column of JSON too."""

    impl = Text
    cache_ok = True

    def __init__(self, of: Table) -> None:
        super().__init__()
        self.of = of

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        ways = {one.name: way for one in self.of.columns if (way := _way(one.type, dialect))}

        def written(rows: Sequence[Row]) -> str:
            changed = {name: way for name, way in ways.items() if name in rows[0]}
            return documents.records([row | {name: way(row[name]) for name, way in changed.items()} for row in rows])

        return written


def _way(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """From a column's value to what stands for it in JSON, None for one that is it already."""
    if not isinstance(kind, TypeDecorator):
        return None
    if isinstance(kind.impl_instance, JSON):
        return lambda value: kind.process_bind_param(value, dialect)
    return kind.dialect_impl(dialect).bind_processor(dialect)
