"""Which processes live, as PostgreSQL sees it: each holds a lock of its own name for as long as it is connected.

A process that is killed lets go of it at once, and another takes over what it was sending before its lease is over.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from storage.store import Store, Transaction

_HOLD = text("SELECT pg_advisory_lock(hashtext(:name))")
_IS_FREE = text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")
_HOLDERS = text("SELECT DISTINCT holder FROM outbox WHERE state = 'sending'")


class Presence:
    """One process's name, held on a connection of its own. SQLite has one process, and needs none of this."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._connection: Connection | None = None

    def announce(self) -> None:
        """Hold the name from now on; again after the connection was lost."""
        if self._connection is not None and not self._connection.invalidated and not self._connection.closed:
            return
        connection = self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(_HOLD, {"name": self._name})
        self._connection = connection

    def close(self) -> None:
        """Let go."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()


def gone(tx: Transaction, me: str) -> list[str]:
    """The processes that were sending something and live no more."""
    holders = [row.holder for row in tx.execute(_HOLDERS) if row.holder != me]
    return [name for name in holders if tx.execute(_IS_FREE, {"name": name}).scalar()]
