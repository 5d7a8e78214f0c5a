"""Whether a database that was full, or could only be read, takes what is written again."""

from __future__ import annotations

from sqlalchemy import Connection, text

ROOM_WANTED = 256 * 1024
"""Bytes that a disk has to take before it counts as one that has room again."""


def taken(tx: Connection) -> None:
    """Take up room, and give it back; and write a row of a table that is there. PostgreSQL's role may have no right to
    make tables, but for temporary ones; where it has not even that, the row has to do."""
    is_postgresql = tx.dialect.name == "postgresql"
    tx.execute(text("UPDATE inspections SET at = at WHERE id = 1"))
    if is_postgresql and not tx.execute(_MAY_FILL).scalar():
        return
    tx.execute(text(f"CREATE {'TEMPORARY' if is_postgresql else ''} TABLE room_wanted (filling TEXT)"))
    tx.execute(text("INSERT INTO room_wanted VALUES (:filling)"), {"filling": "x" * ROOM_WANTED})
    tx.execute(text("DROP TABLE room_wanted"))


_MAY_FILL = text("SELECT has_database_privilege(current_database(), 'TEMPORARY')")
