"""Databases with a past: one incident's rows, copied as often as wanted, inside the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, MetaData, Table, text
from sqlalchemy.types import String

COPIED = ("incidents", "alerts", "escalations", "runs", "timeline", "messages")
AT_ONCE = 100_000
_OWN = {
    "incidents": ("short_id", "group_key"),
    "alerts": ("identity", "fingerprint"),
    "runs": ("id",),
    "timeline": ("id",),
}
"""Columns that no two rows may have alike, beside those that name the incident."""


def multiply(engine: Engine, count: int, wake_at: datetime) -> None:
    """Add open incidents until there are `count`, each with what belongs to it; their climbs wait until `wake_at`."""
    metadata = MetaData()
    metadata.reflect(engine, only=COPIED)
    with engine.begin() as connection:
        one = connection.execute(text("SELECT min(id) FROM incidents")).scalar_one()
        there = connection.execute(text("SELECT count(*) FROM incidents")).scalar_one()
        for first in range(there, count, AT_ONCE):
            for name in COPIED:
                _copy(connection, metadata.tables[name], one, first, min(first + AT_ONCE, count))
        waiting = (
            "UPDATE escalations SET wake_at = :at, state = 'running' WHERE wake_at IS NOT NULL OR state = 'running'"
        )
        connection.execute(text(waiting), {"at": written(connection, wake_at)})
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def make_due(engine: Engine, count: int, moment: datetime) -> None:
    """Move the climbs of `count` incidents to one moment, as if they had begun half an hour before it."""
    some = "SELECT incident FROM escalations WHERE wake_at IS NOT NULL ORDER BY incident DESC LIMIT :count"
    statement = f"UPDATE escalations SET wake_at = :at, started_at = :since WHERE incident IN ({some})"
    with engine.begin() as connection:
        times = {"at": written(connection, moment), "since": written(connection, moment - timedelta(minutes=30))}
        connection.execute(text(statement), {"count": count, **times})


def written(connection: Connection, moment: datetime) -> object:
    """A moment as the database keeps it."""
    is_text = connection.dialect.name == "sqlite"
    return moment.isoformat(" ", "microseconds")[:26] if is_text else moment


def _copy(connection: Connection, table: Table, incident: str, first: int, end: int) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    mark = "printf('%08x', n.i)" if is_sqlite else "lpad(to_hex(n.i), 8, '0')"
    of = "id" if table.name == "incidents" else "incident"
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    copied = ", ".join(_expressions(table, of, mark))
    series = (
        "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :end) "
        if is_sqlite
        else "WITH n(i) AS (SELECT generate_series(CAST(:first AS integer), CAST(:end AS integer) - 1)) "
    )
    select = f"SELECT {copied} FROM n, {table.name} AS one WHERE one.{of} = :incident"
    statement = f"INSERT INTO {table.name} ({columns}) {series}{select}"
    connection.execute(text(statement), {"first": first, "end": end, "incident": incident})


def _expressions(table: Table, of: str, mark: str) -> Iterable[str]:
    """Each column of a copy: names of the incident with another beginning, what must be unique with the mark."""
    for column in table.columns:
        name = f'one."{column.name}"'
        if column.name in _OWN.get(table.name, ()):
            yield f"{mark} || {name}" if column.name != "id" else f"{mark} || substr({name}, 9)"
        elif column.name in (of, "key") and isinstance(column.type, String):
            yield f"replace({name}, :incident, {mark} || substr(CAST(:incident AS text), 9))"
        else:
            yield name
