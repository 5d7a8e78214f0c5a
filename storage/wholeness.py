"""A copy that is being put back into PostgreSQL: its tables are there before their rows are, and their keys come last.

Who works on it meanwhile finds no token and nobody to page, and what it writes keeps those keys from being made.
"""

from __future__ import annotations

from typing import Any

TABLES = ["escalations", "incidents", "notifications", "outbox", "people", "policy_versions", "tokens"]
"""What no alert is taken and nobody paged without. Keys are made once all rows are there, unless it is by several jobs:
then a table's key once its own are."""
_WITHOUT_KEY = """
SELECT relname FROM unnest(%s::text[]) AS known(name) JOIN pg_class AS one ON one.oid = to_regclass(known.name)
WHERE relkind = 'r' AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = one.oid AND indisprimary) LIMIT 1
"""


def require(cursor: Any, missing: type[Exception]) -> None:
    """To be asked on each new connection to PostgreSQL. Raises `missing`, the driver's word for a table that is not
    there, while one of `TABLES` has no primary key."""
    if found := cursor.execute(_WITHOUT_KEY, (TABLES,)).fetchone():
        raise missing(f'table "{found[0]}" has no primary key')
