"""Whether a database has the tables that this Vigie works with, and how it gets them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from sqlalchemy import column, delete, insert, inspect, select
from sqlalchemy import table as named_table

from domain.errors import VigieError
from storage.store import Store, Transaction

REVISIONS = tuple(f"{number:04}" for number in range(1, 34))
"""Every revision there was, oldest first; each is a file in migrations/versions."""
HEAD = REVISIONS[-1]
OLDEST = "0026"
"""The oldest revision whose code works with the tables of this one: an upgrade writes it down, and a process of that
code goes on beside the new ones. It moves only when a revision takes away what older code uses."""


class WrongSchema(VigieError):
    """The database's tables are not those that this Vigie works with. The message says the way out."""


class Standing(StrEnum):
    """A database's schema beside this Vigie's."""

    CURRENT = "current"
    BEHIND = "behind"
    EMPTY = "empty"
    NEWER = "newer"
    """Of a newer Vigie that says that this one may work beside it."""
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
    def is_usable(self) -> bool:
        """Whether this Vigie may work with it."""
        return self.standing in (Standing.CURRENT, Standing.NEWER)

    @property
    def explanation(self) -> str:
        """One line: what is the case and what to do."""
        return _EXPLANATIONS[self.standing].format(revision=self.revision, head=HEAD)


_EXPLANATIONS = {
    Standing.CURRENT: "the database is at revision {revision}, which is current",
    Standing.BEHIND: "the database is at revision {revision}, older than {head}: run `vigie db upgrade`",
    Standing.EMPTY: "the database has no tables yet: run `vigie db upgrade`",
    Standing.NEWER: (
        "the database is at revision {revision}, newer than {head}: this Vigie works with it, beside the newer one "
        "that upgraded it"
    ),
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
    if revision in REVISIONS:
        return SchemaState(Standing.BEHIND, revision)
    return SchemaState(Standing.NEWER if _is_compatible(tx, revision) else Standing.AHEAD, revision)


def _revision(tx: Transaction) -> str:
    if not inspect(tx).has_table("alembic_version"):
        return ""
    return tx.execute(select(column("version_num")).select_from(named_table("alembic_version"))).scalar() or ""


def _is_compatible(tx: Transaction, revision: str) -> bool:
    """Whether the Vigie that brought the database to `revision` has said that this code works with it."""
    if not inspect(tx).has_table(_COMPATIBILITY.name):
        return False
    said = tx.execute(select(_COMPATIBILITY.c.revision, _COMPATIBILITY.c.oldest)).first()
    return said is not None and said.revision == revision and said.oldest <= HEAD


def say_compatible(tx: Transaction) -> None:
    """Write down which code works with the tables as they are now."""
    tx.execute(delete(_COMPATIBILITY))
    tx.execute(insert(_COMPATIBILITY).values(id=1, revision=HEAD, oldest=OLDEST))


_COMPATIBILITY = named_table("schema_compatibility", column("id"), column("revision"), column("oldest"))


def upgrade(store: Store) -> None:
    """Bring the database to the current schema; one that is current is left alone.

    All of it or none of it, and by one process at a time. Raises WrongSchema for a database of a newer Vigie.
    Alembic is loaded here and not with this module: a start that has nothing to upgrade does without it.
    """
    found = check(store)
    if found.standing is Standing.AHEAD:
        raise WrongSchema(found.explanation)
    if not found.is_usable:
        import_module("storage.migrate").to_head(store)


def require(store: Store) -> None:
    """Raises WrongSchema unless this Vigie may work with the database."""
    found = check(store)
    if not found.is_usable:
        raise WrongSchema(found.explanation)
