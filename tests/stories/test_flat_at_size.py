"""Beside fifty thousand incidents of years ago, with the statistics that the database has of them, a night asks for
nothing that is not found by an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, text

from storage.store import Store, Transaction
from tests.stories.test_flat import SELDOM, asked
from tests.world import World, world_on

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
COUNT, AT_ONCE = 50_000, 10_000
OWN = {
    "incidents": ("id", "short_id", "group_key"),
    "alerts": ("incident", "identity", "fingerprint"),
    "escalations": ("incident",),
    "runs": ("id", "incident"),
    "run_steps": ("run",),
    "timeline": ("id", "incident"),
    "messages": ("key", "incident"),
    "notifications": ("id", "incident", "dedup_key"),
    "notification_attempts": ("notification",),
}
"""The tables that are filled, each with its columns that no two incidents have alike."""
NAMES = ("id", "incident", "run", "notification")
"""Those of them that are ids, whose first letters are another copy's."""


def fill(store: Store) -> None:
    """Everything that is in the database, over and over, each time of another day of the last three years."""
    metadata = MetaData()
    metadata.reflect(store.engine, only=list(OWN))
    with store.engine.begin() as connection:
        for name in OWN:
            connection.execute(text(f"CREATE TABLE model_{name} AS SELECT * FROM {name}"))
    for first in range(0, COUNT, AT_ONCE):
        with store.engine.begin() as connection:
            for name in OWN:
                _copy(connection, metadata.tables[name], first)
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def _copy(connection: Connection, table: Table, first: int) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    series = (
        f"(WITH RECURSIVE c(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM c WHERE i + 1 < {first + AT_ONCE}) "
        "SELECT i FROM c) AS n"
        if is_sqlite
        else f"(SELECT generate_series({first}, {first + AT_ONCE - 1}) AS i) AS n"
    )
    columns = [column for column in table.columns if column.name != "id" or column.type.python_type is str]
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = ", ".join(_values(table.name, columns, is_sqlite=is_sqlite))
    connection.execute(
        text(f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {series}, model_{table.name} AS o")
    )


def _values(table: str, columns: list[Column[Any]], *, is_sqlite: bool) -> Iterator[str]:
    mark = "printf('%08x', n.i)" if is_sqlite else "lpad(to_hex(n.i), 8, '0')"
    for column in columns:
        value = f'o."{column.name}"'
        if column.name in OWN[table]:
            yield f"{mark} || substr({value}, 9)" if column.name in NAMES else f"{mark} || {value}"
        elif column.name in ("wake_at", "look_at"):
            yield "NULL"
        elif column.name == "at" or column.name.endswith("_at"):
            days = "'-' || (n.i % 1000 + 2) || ' days'"
            yield (
                f"strftime('%Y-%m-%d %H:%M:%f000', {value}, {days})"
                if is_sqlite
                else f"{value} - make_interval(days => n.i % 1000 + 2)"
            )
        else:
            yield value


async def night(world: World, title: str) -> None:
    """Everything that comes with an incident, and a look for what was overlooked."""
    said = {"group": title, "fingerprint": title}
    await world.alert(title, **said)
    card = world.card(title)
    await world.alert(title, **said)
    await world.advance(minutes=5)
    await card.click("Acknowledge", as_="john")
    await card.step(1).click("Done", as_="john")
    await world.advance(minutes=30)
    await world.app.auditor.look()
    await world.alert(title, status="resolved", **said)
    world.expect_what_was_said()


def scans(tx: Transaction, statement: str, parameters: Any) -> list[str]:
    """Where a plan reads one of the large tables from end to end."""
    explain = "EXPLAIN QUERY PLAN" if tx.dialect.name == "sqlite" else "EXPLAIN"
    steps = [str(row[-1]).strip(" ->") for row in tx.exec_driver_sql(f"{explain} {statement}", parameters)]
    return [step for step in steps if any(step.startswith((f"SCAN {one}", f"Seq Scan on {one} ")) for one in OWN)]


async def test_a_night_beside_many_reads_through_none_of_them(database_url: str) -> None:
    async with world_on(database_url) as world:
        await night(world, "First")
    store = Store(database_url)
    fill(store)
    async with world_on(database_url, token="another") as world:
        with asked() as found:
            await night(world, "Second")
        for statement, parameters in found.items():
            if any(seldom in statement for seldom in SELDOM):
                continue
            read_through = store.read_now(lambda tx, s=statement, p=parameters: scans(tx, s, p))  # type: ignore[misc]
            assert read_through == [], statement
    store.close()
