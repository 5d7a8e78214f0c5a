"""What the tables have in common. Rows stay inside storage: outside it there are domain values only.

Times are aware UTC. Enumerations are stored as their text and turned back into members where rows are read: a bare
string compares unequal by identity, and an escalation would stop without a word.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field

from storage.vault import SealedJSON


def partial(name: str, columns: list[str], where: str, *, unique: bool = False) -> Index:
    """An index of the rows `where` holds for."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def plain_json() -> Any:
    """A list or an object, as it is."""
    return Field(sa_column=Column(JSON, nullable=False))


def sealed_json() -> Any:
    """A list or an object with secrets in it."""
    return Field(sa_column=Column(SealedJSON, nullable=False))


def later(default: str) -> Any:
    """A column that came after its table: a version without it, still running beside, writes `default` in it."""
    return Field(sa_column_kwargs={"server_default": text(default)})
