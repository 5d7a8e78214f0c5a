"""Why a database can't be opened and what mends it, for whoever set DATABASE_URL: most of it passes by no waiting."""

from __future__ import annotations

import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from domain.errors import Unavailable
from storage.diagnoses import is_passing, known
from storage.faults import MENDED_BY, Fault, cause_of, fault_of
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


def _closed_server(url: URL, said: str, failed: BaseException | None) -> Closed:
    host = url.host or _text(url.query.get("host", ""))
    where = f"PostgreSQL at {host}{f':{url.port}' if url.port else ''}" if host else "PostgreSQL"
    if found := known(said):
        names = {"where": where, "host": host, "user": url.username, "name": url.database or url.username}
        what, remedy = (part.format_map(names) for part in found)
        return Closed(what, remedy, is_passing=is_passing(said))
    fault = fault_of(failed) if failed else None
    remedy = MENDED_BY[fault] if fault and fault is not Fault.AWAY else _LOOK
    return Closed(f"{where} says: {said.splitlines()[0][:200]}", remedy, is_passing=fault is not None)


def _text(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ",".join(value)


_LOOK = "see whether DATABASE_URL is right, the server runs, and this user may log in to this database"
