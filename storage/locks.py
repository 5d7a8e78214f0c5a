"""How long a lock is waited for that somebody else may hold: a person with a tool of the database's, say."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from storage.prepared import prepared


def briefly(tx: Connection) -> None:
    """From here on this transaction waits for no lock longer than Vigie holds any: others wait behind it. SQLite's
    writers wait before they begin."""
    if tx.dialect.name == "postgresql":
        tx.execute(_BRIEFLY)


_BRIEFLY = prepared(select(func.set_config("lock_timeout", "4s", True)), is_heard=False)


def is_held_elsewhere(error: BaseException) -> bool:
    """Whether a lock was waited for in vain: what others ask for may be free."""
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) == "55P03"
