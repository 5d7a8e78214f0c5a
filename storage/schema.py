"""Whether a database has the tables that this Vigie works with, and how it gets them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from sqlalchemy import column, inspect, select
from sqlalchemy import table as named_table

from domain.errors import VigieError
from storage.store import Store, Transaction

REVISIONS = tuple(f"{number:04}" for number in range(1, 26))
"""Every revision there was, oldest first; each is a file in migrations/versions."""
HEAD = REVISIONS[-1]


class WrongSchema(VigieError):
    """The database's tables are not those that this Vigie works with. The message says the way out."""


class Standing(StrEnum):
    """A database's schema beside this Vigie's."""

    CURRENT = "current"
    BEHIND = "behind"
    EMPTY = "empty"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Where a database stands, and the revision it is at ("" when it has none)."""

    standing: Standing
    revision: str

    @property
    def is_current(self) -> bool:
        return self.standing is Standing.CURRENT

    @property
    def explanation(self) -> str:
        """One line: what is the case and what to do."""
        return _EXPLANATIONS[self.standing].format(revision=self.revision, head=HEAD)


_EXPLANATIONS = {
    Standing.CURRENT: "the database is at revision {revision}, which is current",
    Standing.BEHIND: "the database is at revision {revision}, older than {head}: run `vigie db upgrade`",
    Standing.EMPTY: "the database has no tables yet: run `vigie db upgrade`",
    Standing.AHEAD: (
        "this database was written by a newer Vigie (revision {revision}, this one knows {head}): "
        "install that version, or restore the backup made before the upgrade"
    ),
}


def check(store: Store) -> SchemaState:
    """Where the database stands. Reads one row, and nothing of Alembic's code."""
    return store.read_now(state)


def state(tx: Transaction) -> SchemaState:
    """The same, inside a transaction."""
    revision = _revision(tx)
    if not revision:
        return SchemaState(Standing.EMPTY, "")
    if revision == HEAD:
        return SchemaState(Standing.CURRENT, revision)
    return SchemaState(Standing.BEHIND if revision in REVISIONS else Standing.AHEAD, revision)


def _revision(tx: Transaction) -> str:
    if not inspect(tx).has_table("alembic_version"):
        return ""
    return tx.execute(select(column("version_num")).select_from(named_table("alembic_version"))).scalar() or ""


def upgrade(store: Store) -> None:
    """Bring the database to the current schema; one that is current is left alone.

    All of it or none of it, and by one process at a time. Raises WrongSchema for a database of a newer Vigie.
    Alembic is loaded here and not with this module: a start that has nothing to upgrade does without it.
    """
    found = check(store)
    if found.standing is Standing.AHEAD:
        raise WrongSchema(found.explanation)
    if not found.is_current:
        import_module("storage.migrate").to_head(store)


def require(store: Store) -> None:
    """Raises WrongSchema unless the database is current."""
    found = check(store)
    if not found.is_current:
        raise WrongSchema(found.explanation)
