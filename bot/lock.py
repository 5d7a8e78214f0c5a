"""One process on an SQLite file: a second one would send everything twice."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from domain.errors import VigieError
from storage.store import Store


class AlreadyRunning(VigieError):
    """SQLite has one writer: a second process would send everything twice."""


def only_one(store: Store) -> IO[str] | None:
    """A lock beside an SQLite file, held as long as the process lives, whatever ends it."""
    if not store.is_sqlite:
        return None
    path = Path(f"{store.url.database}.lock")
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise AlreadyRunning(
            "DATABASE_URL: another Vigie runs on this SQLite file; several processes need PostgreSQL"
        ) from None
    return lock
