"""A copy that is being put back into PostgreSQL: its tables are there before their rows are, and their keys come last.

Who works on it meanwhile finds no token and nobody to page, and what it writes keeps those keys from being made.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

TABLES = ["escalations", "incidents", "notifications", "outbox", "people", "policy_versions", "tokens"]
"""What no alert is taken and nobody paged without. Keys are made once all rows are there, unless it is by several jobs:
then a table's key once its own are."""
_WITHOUT_KEY = """
SELECT relname FROM unnest(%s::text[]) AS known(name) JOIN pg_class AS one ON one.oid = to_regclass(known.name)
WHERE relkind = 'r' AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = one.oid AND indisprimary) LIMIT 1
"""


def require(engine: Engine) -> None:
    """From now on whoever takes a connection of the pool is refused, with the driver's word for a table that is not
    there, while one of `TABLES` has no primary key."""

    @event.listens_for(engine, "checkout")
    def look(connection: DBAPIConnection, _: ConnectionPoolEntry, __: object) -> None:
        driver: Any = connection
        # One journey, as no transaction begins; and nothing that a pooler between would lose.
        driver.autocommit = True
        found = driver.execute(_WITHOUT_KEY, (TABLES,), prepare=False).fetchone()
        driver.autocommit = False
        if found:
            raise engine.dialect.loaded_dbapi.errors.UndefinedTable(f'table "{found[0]}" has no primary key')
