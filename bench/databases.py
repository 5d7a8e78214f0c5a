"""Databases to measure on: durable, as an installation has them, and gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url

from bench.stage import command, free_port
from tests.postgresql import DURABLE, PostgreSQL

KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Database:
    """One database, and a folder for what goes with it."""

    url: str
    folder: Path

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    def settings(self) -> dict[str, str]:
        """A Vigie's environment: this database, a free port, no word but of errors."""
        return {"DATABASE_URL": self.url, "PORT": str(free_port()), "LOG_LEVEL": "ERROR"}

    def engine(self) -> Engine:
        """For what is done beside the running process; both databases let us."""
        if self.is_sqlite:
            return create_engine(self.url, connect_args={"timeout": 60})
        return create_engine(make_url(self.url).set(drivername="postgresql+psycopg"))


@contextmanager
def database(kind: str) -> Iterator[Database]:
    """A fresh one, with its tables."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield _prepared(Database(f"sqlite:///{folder}/vigie.db", Path(folder)))
            return
        server = PostgreSQL(DURABLE)
        try:
            yield _prepared(Database(server.address(server.create()), Path(folder)))
        finally:
            server.stop()


def _prepared(found: Database) -> Database:
    command(found.settings(), "db", "upgrade")
    return found
