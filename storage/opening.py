"""Why a database can't be opened and what mends it, for whoever set DATABASE_URL: most of it passes by no waiting."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from domain.errors import Unavailable
from storage.faults import MENDED_BY, Fault, Moved, cause_of, fault_of
from storage.own_file import has_anothers_journal


@dataclass(frozen=True, slots=True)
class Closed:
    """`what` is the case with a database, and the `remedy`; both without a stop. `is_passing` when it may be open in a
    moment, without anybody's mending what was set."""

    what: str
    remedy: str
    is_passing: bool = False

    @property
    def advice(self) -> str:
        """The remedy as a sentence."""
        return f"{self.remedy[:1].upper()}{self.remedy[1:]}."

    def __str__(self) -> str:
        return f"DATABASE_URL: {self.what}: {self.remedy}"


def is_missing(url: URL) -> bool:
    """Whether this is an SQLite file that nobody has made yet, in a folder that is there."""
    return url.get_backend_name() == "sqlite" and not _path(url).exists() and _path(url).absolute().parent.is_dir()


def missing(url: URL) -> Closed:
    """What whoever only looks is told of one."""
    what = f"{_path(url).absolute()} does not exist yet"
    return Closed(what, "`vigie load FILE…` makes it, or name the one you mean")


def mixed(url: URL) -> Closed | None:
    """Why an SQLite file would not be what was put there; None when there is nothing to say."""
    if url.get_backend_name() != "sqlite" or not has_anothers_journal(_path(url)):
        return None
    # Beside the file itself, whatever links lead to it.
    path = os.path.realpath(_path(url))
    what = f"{path} is a copy, and {path}-wal beside it is what was written last into the file before it"
    return Closed(what, f"stop Vigie, remove that (rm -f {path}-wal {path}-shm), put the copy there again and start")


def closed(url: URL, error: Unavailable | DBAPIError) -> Closed:
    """What keeps `url` from being opened, by what came of trying."""
    failed = error if isinstance(error, DBAPIError) else error.__cause__
    cause = getattr(failed, "orig", None) or failed or error
    if url.get_backend_name() == "sqlite":
        return _closed_file(_path(url).absolute(), cause, fault_of(failed) if failed else None)
    return _closed_server(url, str(cause).strip(), failed)


def _path(url: URL) -> Path:
    return Path(url.database or "")


def _closed_file(path: Path, cause: BaseException, fault: Fault | None) -> Closed:
    folder, code = path.parent, getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if not folder.exists():
        return Closed(f"the folder {folder} does not exist", f"make it (mkdir -p {folder}), or name another")
    if not folder.is_dir():
        return Closed(f"{folder} is a file and no folder", "name a file in a folder")
    if path.is_dir():
        return Closed(f"{path} is a folder", f"name a file in it: sqlite:///{path}/vigie.db")
    if code == sqlite3.SQLITE_NOTADB:
        return Closed(f"{path} is no SQLite database", "name another file; this one was left as it is")
    if code in _WITHOUT_ROOM and shutil.disk_usage(folder).free < _ROOM:
        return Closed(f"the disk of {folder} is full", MENDED_BY[Fault.FULL])
    if fault is Fault.DAMAGED:
        return Closed(f"{path} is damaged", MENDED_BY[Fault.DAMAGED])
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return not_ours(path)
    return Closed(f"{path}: {cause_of(cause)}", MENDED_BY[fault] if fault else "look at the file and its disk")


_WITHOUT_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_ROOM = 64 * 1024
"""Bytes that a journal and its index begin with."""


def not_ours(path: Path) -> Closed:
    """What keeps this user from writing `path`: the journal stands beside the file, so it takes both."""
    user = os.geteuid()
    if is_read_only(path.parent):
        remedy = "mount it for writing (mount -o remount,rw), or name another"
        return Closed(f"the volume of {path.parent} may only be read", remedy)
    if takes_no_file(path.parent):
        remedy = "delete files there that nobody needs (df -i shows how many there are)"
        return Closed(
            f"the volume of {path.parent} takes no new file, though it has room: it has given out all inodes", remedy
        )
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        remedy = f"give it to this user (chown {user} {path}), or run Vigie as its owner"
        return Closed(f"this user (id {user}) may not write {path}", remedy)
    remedy = f"give it to this user (chown {user} {path.parent}), or name another"
    return Closed(f"this user (id {user}) may not write in the folder {path.parent}", remedy)


def is_read_only(folder: Path) -> bool:
    """Whether the volume that a folder is on is mounted for reading alone."""
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def takes_no_file(folder: Path) -> bool:
    """Whether the volume that a folder is on has as many files as it can have; some volumes have no such number."""
    found = os.statvfs(folder)
    return found.f_files > 0 and found.f_favail == 0


def diagnosis(fault: Fault, cause: BaseException | None = None) -> str:
    """What is the matter with the database of a Vigie that runs, and what mends it. Anybody may read it: no host, no
    user, no name of a database, no place of a file."""
    what, remedy = fault.value.partition(";")[0], MENDED_BY[fault]
    if fault is not Fault.AWAY:
        said = "" if cause is None or isinstance(cause, Moved) else cause_of(cause)
        return f"{what}: {remedy}" + (f" ({said})" if said else "")
    orig = getattr(cause, "orig", None)
    # What has a code is said over a connection that is there, of what was asked by it: that took too long, say.
    found = None if getattr(orig, "sqlstate", None) else _known(str(orig or "").strip())
    if found is None:
        return f"{what}: {remedy}; the log says more"
    named = dict.fromkeys(("user", "name", "host"), "that DATABASE_URL names")
    return f"{what}: {found[0].format(where='PostgreSQL', **named)}: {found[1].format(user='USER', name='NAME')}"


def _closed_server(url: URL, said: str, failed: BaseException | None) -> Closed:
    host = url.host or _text(url.query.get("host", ""))
    where = f"PostgreSQL at {host}{f':{url.port}' if url.port else ''}" if host else "PostgreSQL"
    if found := _known(said):
        names = {"where": where, "host": host, "user": url.username, "name": url.database or url.username}
        what, remedy = (part.format_map(names) for part in found)
        return Closed(what, remedy, is_passing=re.search(_PASSING, said, re.IGNORECASE) is not None)
    fault = fault_of(failed) if failed else None
    remedy = MENDED_BY[fault] if fault and fault is not Fault.AWAY else _LOOK
    return Closed(f"{where} says: {said.splitlines()[0][:200]}", remedy, is_passing=fault is not None)


def _known(said: str) -> tuple[str, str] | None:
    """What is the case and what mends it, by what libpq and the server said."""
    return next((told for pattern, told in _SAID if re.search(pattern, said, re.IGNORECASE)), None)


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ",".join(value)


_LOOK = "see whether DATABASE_URL is right, the server runs, and this user may log in to this database"
_SAID: tuple[tuple[str, tuple[str, str]], ...] = (
    (
        "password authentication failed|no password supplied",
        ("{where} refuses the user {user}", "mend user and password in DATABASE_URL"),
    ),
    (
        'role "[^"]*" does not exist',
        ("{where} has no user {user}", "make it (createuser --pwprompt {user}), or mend DATABASE_URL"),
    ),
    (
        'database "[^"]*" does not exist',
        ("{where} has no database {name}", "make it (createdb --owner={user} {name}), or mend DATABASE_URL"),
    ),
    (
        'role "[^"]*" is not permitted to log in',
        ("{where} does not let the user {user} log in", "let it (ALTER ROLE {user} LOGIN), or mend DATABASE_URL"),
    ),
    (
        "no pg_hba.conf entry|pg_hba.conf rejects",
        ("{where} does not let the user {user} in from here", "add this machine to the server's pg_hba.conf"),
    ),
    (
        "resolve host|name or service not known|translate host name",
        ("nobody knows the host {host}", "mend the host in DATABASE_URL, or look at DNS"),
    ),
    (
        "connection refused|no such file or directory",
        ("nothing listens for {where}", "start it, or mend host and port in DATABASE_URL"),
    ),
    (
        "lock timeout",
        ("something else holds a table of {where}", "try again when it is done (a backup, say): nothing was changed"),
    ),
    (
        "timeout|timed out",
        ("{where} gives no answer", "mend host and port in DATABASE_URL, or look at the firewall between"),
    ),
    (
        "too many connections for (role|database)",
        (
            "{where} gives the user {user}, or the database, no more connections",
            "raise its limit (ALTER ROLE {user} CONNECTION LIMIT, ALTER DATABASE {name} CONNECTION LIMIT): a Vigie "
            "takes 9",
        ),
    ),
    (
        "not currently accepting connections|does not allow connections",
        ("{where} lets nobody into the database {name}", "let it (ALTER DATABASE {name} ALLOW_CONNECTIONS true)"),
    ),
    (
        "too many clients|remaining connection slots|too many connections|no more connections allowed",
        ("{where} has no connection left", "raise its max_connections (PgBouncer's max_client_conn): a Vigie takes 9"),
    ),
    ("starting up|shutting down", ("{where} starts or stops at the moment", "try again when it is up")),
    (
        "permission denied",
        ("{where} does not let the user {user} do it", "make {user} the owner of the database {name}"),
    ),
    (
        "must be owner of",
        ("{where} has tables of Vigie's that are not {user}'s", "upgrade as their owner (psql's \\dt names them)"),
    ),
    (
        "support SSL|certificate|SSL error: (?!unexpected eof)",
        ("{where} and TLS do not agree", "mend sslmode and sslrootcert at the end of DATABASE_URL"),
    ),
)
"""What libpq and the server say, which has no code before there is a connection."""

_PASSING = (
    "connection refused|no such file or directory|timeout|timed out|temporary failure|too many clients|"
    "remaining connection slots|too many connections|no more connections allowed|not currently accepting connections|"
    "does not allow connections|starting up|shutting down"
)
"""Of it, what is over when the server, or the network, is up."""
