"""Alembic, driven from code: to the current schema, and a first draft of the next revision.

`python -m storage.migrate "what changes"` writes that draft: the difference between the revisions so far and
storage/*_tables.py.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from storage import schema
from storage.store import Store, Transaction, serialise

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_MILLISECONDS = 3_000
"""For as long a change of a table waits for whoever reads it. All that Vigie does with that table waits behind: for a
backup that is under way, alerts and pages would for as long as that takes."""


def configuration(tx: Transaction) -> Config:
    """Alembic's configuration for the database of this transaction."""
    config = Config(attributes={"connection": tx})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def to_head(store: Store) -> None:
    """Run the revisions that the database lacks, in one transaction. Raises WrongSchema for a newer database."""
    store.write_now(_to_head)


def _to_head(tx: Transaction) -> None:
    if tx.dialect.name == "postgresql":
        # Another process's upgrade takes as long as it takes.
        tx.execute(text("SET LOCAL lock_timeout = 0"))
    serialise(tx, "vigie schema")
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}"))
    found = schema.state(tx)
    if found.standing is schema.Standing.AHEAD:
        raise schema.WrongSchema(found.explanation)
    if found.standing is not schema.Standing.NEWER:
        command.upgrade(configuration(tx), "head")
        schema.say_compatible(tx)


def draft(message: str) -> None:
    """Write the next revision as Alembic sees it, to be read and mended by hand."""
    number = f"{int(schema.HEAD) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/draft.db")
        to_head(store)
        store.write_now(lambda tx: command.revision(configuration(tx), message, autogenerate=True, rev_id=number))
        store.close()


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]))
