"""What is the matter with the database when it fails, for whoever sent something; and what mends it, for the log."""

from __future__ import annotations

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import Unavailable


class Fault(StrEnum):
    """Why the database does not do what it is asked; none of it is the fault of what it was asked."""

    AWAY = "the database does not answer; try again in a moment"
    BUSY = "the database is busy; try again in a moment"
    FULL = "the database takes nothing more: its disk is full; try again in a moment"
    READ_ONLY = "the database takes nothing: it may only be read; try again in a moment"
    DENIED = "the database denies Vigie's user a right; try again in a moment"
    BROKEN = "the database's disk fails; try again in a moment"
    DAMAGED = "the database is damaged; try again in a moment"
    MOVED = "the database's file is not where it was opened; try again in a moment"
    TORN = "the database has lost its file with what was written last; try again in a moment"
    OVERWRITTEN = "the database's file was written over while Vigie ran; try again in a moment"
    BARE = "the database does not show Vigie's tables; try again in a moment"
    BEHIND = "the database gives out numbers that rows have already; try again in a moment"
    SHARED = "a pooler lends Vigie another of the database's sessions each time; try again in a moment"


MENDED_BY = {
    Fault.AWAY: "start it, or see why its connections end",
    Fault.BUSY: "end what else holds a lock on it",
    Fault.FULL: "make room on its volume (RETENTION_DAYS keeps it small); Vigie goes on by itself then",
    Fault.READ_ONLY: (
        "let Vigie's user write the file and its folder, or the volume be mounted for writing; on PostgreSQL name the "
        "primary in DATABASE_URL (host=a,b and target_session_attrs=read-write)"
    ),
    Fault.DENIED: (
        "give it all rights on Vigie's tables and sequences again: GRANT ALL ON ALL TABLES IN SCHEMA and GRANT ALL ON "
        "ALL SEQUENCES IN SCHEMA"
    ),
    Fault.BROKEN: "see the system's log for the disk; `vigie db backup` says whether the file is whole",
    Fault.DAMAGED: "stop Vigie and go back to a copy that `vigie db backup` made (docs/operations.md)",
    Fault.MOVED: "put it back, or start Vigie anew with the one that is there now: what is written meanwhile is lost",
    Fault.TORN: "stop Vigie with SIGTERM (kill -9 loses it all), which puts that into the database, and start it anew",
    Fault.OVERWRITTEN: (
        "stop Vigie, remove the -wal and -shm files beside it and put the copy there again: it has parts of both now"
    ),
    Fault.BARE: (
        "see whether a copy is just put back, the search_path of Vigie's user leads to another schema, or somebody "
        "renamed or dropped a part of them: put it back as it was"
    ),
    Fault.BEHIND: (
        "have the table's sequence go on where its rows end, which a move by logical replication leaves behind: SELECT "
        "setval('TABLE_id_seq', max(id)) FROM TABLE"
    ),
    Fault.SHARED: "set pool_mode=session for this database in PgBouncer, or name the server itself",
}
"""What to do, for the log."""
LASTING = frozenset(Fault) - {Fault.AWAY, Fault.BUSY, Fault.SHARED}
"""What is not over because a transaction has gone well: it may have written nothing, or little, or elsewhere."""
PLACED = frozenset({Fault.DENIED, Fault.DAMAGED, Fault.BARE, Fault.BEHIND})
"""What is in one place, a table say: to write elsewhere does not show that it is over."""
PLACED_SECONDS = 60.0
"""How long nothing may have met with it before it counts as mended."""
_SQLITE = {
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_CANTOPEN: Fault.AWAY,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_IOERR: Fault.BROKEN,
    sqlite3.SQLITE_NOTADB: Fault.DAMAGED,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
}
_POSTGRESQL = {
    # A column has become of another type since this was prepared, which it is anew: another try goes well.
    "0A000": Fault.BUSY,
    "53100": Fault.FULL,
    "25006": Fault.READ_ONLY,
    "26000": Fault.SHARED,
    "3F000": Fault.BARE,
    "42703": Fault.BARE,
    "42P01": Fault.BARE,
    "42P05": Fault.SHARED,
    "42P10": Fault.BARE,
    "42501": Fault.DENIED,
    "58030": Fault.BROKEN,
    "XX001": Fault.DAMAGED,
    "XX002": Fault.DAMAGED,
}
_POSTGRESQL_CLASSES = {
    "08": Fault.AWAY,
    "40": Fault.BUSY,
    "53": Fault.AWAY,
    "55": Fault.BUSY,
    "57": Fault.AWAY,
    "58": Fault.BROKEN,
}
"""Classes of SQLSTATE: connection, undone for another transaction's sake, resources, locks that are not to be had,
somebody stopped it, the system around it."""


_NUMBERED = ("audit_pkey", "notification_attempts_pkey", "outbox_pkey")
"""Keys that are numbers of a sequence."""
REFUSED = (DBAPIError,)
"""What the database raises when it refuses what it is asked, and nothing is the matter with it."""
UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, AssertionError)
"""What a row raises that is damaged, or of a version that this one does not know: it fails alone."""
UNDECIDABLE = (*UNREADABLE, *REFUSED)
"""What something raises that can't be decided on, or written down: it waits alone."""


class Moved(Exception):
    """The file that is written to is not the one that the next start opens."""

    fault = Fault.MOVED


class Torn(Moved):
    """The file beside it was deleted or replaced, which has all that was not put into the database yet."""

    fault = Fault.TORN


class Overwritten(Moved):
    """It has what somebody else wrote into it, beside SQLite."""

    fault = Fault.OVERWRITTEN


def fault_of(error: BaseException) -> Fault | None:
    """What is the matter with the database; None when it is the work that was wrong."""
    if isinstance(error, Moved):
        return error.fault
    if isinstance(error, PoolTimeout):
        return Fault.AWAY
    if not isinstance(error, DBAPIError):
        return None
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    if isinstance(error, IntegrityError):
        violated = getattr(getattr(cause, "diag", None), "constraint_name", None)
        return Fault.BEHIND if violated in _NUMBERED else None
    # Without a state the connection is gone, or the driver itself would not send such a value.
    unsaid = "22000" if isinstance(error, DataError) else "08000"
    state = getattr(cause, "sqlstate", None) or unsaid
    found = _POSTGRESQL.get(state) or _POSTGRESQL_CLASSES.get(state[:2])
    return found or (Fault.AWAY if error.connection_invalidated else None)


def breaks_a_rule(error: BaseException) -> bool:
    """Whether a row was refused for what it has in a column, or has not: Vigie's own tables hardly ask for anything."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) in _RULES or getattr(cause, "sqlite_errorcode", None) in _RULES


_RULES = (
    *("23502", "23514", "P0001"),
    *(sqlite3.SQLITE_CONSTRAINT_NOTNULL, sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_CONSTRAINT_TRIGGER),
)
"""A column without what it must have, a check, a trigger."""


def has_given_way(error: BaseException | None) -> bool:
    """Whether PostgreSQL undid a transaction so that another, which it waited for in a circle, could go on."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) == "40P01"


def cause_of(error: BaseException) -> str:
    """What the driver said, in a line."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0][:200]


def is_outage(error: BaseException) -> bool:
    """Whether the database was away, full or locked, so that no other work would have fared better."""
    return isinstance(error, Unavailable) or fault_of(error) is not None
