"""A consistent copy of the database while Vigie runs: SQLite's own online backup, or PostgreSQL's pg_dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shlex import quote as quoted
from typing import Any
from urllib.parse import quote

from sqlalchemy import text

from domain.errors import VigieError
from storage import schema
from storage.engines import address
from storage.store import Store

_OWNER_ONLY = 0o600
"""A copy names people and their telephones."""


class NoBackup(VigieError):
    """There is no copy; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was made: what is in it, and the command that brings it back."""

    revision: str
    incidents: int
    size: int
    restore: str


def backup(store: Store, target: Path, *, force: bool = False) -> Backup:
    """Copy the database to `target`, all of it or nothing. Raises NoBackup."""
    if store.is_sqlite and target.exists() and target.samefile(str(store.url.database)):
        raise NoBackup(f"{target} is the database itself: name another file")
    if target.is_dir():
        raise NoBackup(f"{target} is a folder: name a file in it")
    # /dev/stdout leads to a file where that is one, and would be lost itself.
    if target.exists() and (not target.is_file() or target.absolute().parent == Path("/dev")):
        raise NoBackup(f"{target} is no file that a copy can take the place of: name one")
    if target.exists() and target.stat().st_size and not force:
        raise NoBackup(f"{target} exists: name another file, or say --force")
    found = schema.check(store)
    if found.standing is schema.Standing.EMPTY:
        raise NoBackup(f"there is nothing to copy: {found.explanation}")
    incidents = store.read_now(lambda tx: tx.execute(text("SELECT count(*) FROM incidents")).scalar_one())
    try:
        # Beside the target, so that the last step can't fail half way.
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
    except OSError as error:
        raise NoBackup(f"{target.parent} takes no file: {error.strerror}") from error
    made = Path(name)
    try:
        (_of_sqlite if store.is_sqlite else _of_postgresql)(store, made)
        made.chmod(_OWNER_ONLY)
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)
    return Backup(found.revision, int(incidents), target.stat().st_size, _restore(store, target))


def _of_sqlite(store: Store, made: Path) -> None:
    """In one step: readers hold up no writer, so that it is a moment's state however long it takes."""
    try:
        file = f"file:{quote(str(store.url.database))}?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as source, closing(sqlite3.connect(made)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
        _sync(made)
    except sqlite3.Error as error:
        raise NoBackup(f"SQLite could not copy the database: {error}{_ADVICE.get(_code(error), '')}") from error
    if found != "ok":
        raise NoBackup(f"the copy is damaged, and so is the database: {found}; restore an older copy")


_ADVICE = {
    sqlite3.SQLITE_FULL: "; name a file on a disk with room for it",
    sqlite3.SQLITE_CORRUPT: "; it is damaged, go back to an older copy",
}


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _sync(made: Path) -> None:
    with made.open("rb") as file:
        os.fsync(file.fileno())


def _of_postgresql(store: Store, made: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise NoBackup(
            "pg_dump is not installed here: install PostgreSQL's client programs (Debian: postgresql-client), or run "
            "on another machine: pg_dump --format=custom --file=FILE DATABASE"
        )
    with tempfile.TemporaryDirectory() as folder:
        bare = _with_passfile(address(store.engine.dialect, store.url), Path(folder) / "passfile")
        command = [program, "--format=custom", "--no-owner", f"--file={made}", f"--dbname={bare}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a program of the PATH, no shell
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        older = "; install the client programs of the server's version" if "version mismatch" in done.stderr else ""
        raise NoBackup(f"pg_dump could not copy the database: {lines[-1].removeprefix('pg_dump: ')}{older}")


def _with_passfile(server: dict[str, Any], passfile: Path) -> str:
    """The address without its password, which every user of the machine could read among the processes' arguments."""
    bare = {name: str(word) for name, word in server.items() if name != "password"}
    if password := server.get("password"):
        escaped = str(password).replace("\\", "\\\\").replace(":", "\\:")
        passfile.touch(_OWNER_ONLY)
        passfile.write_text(f"*:*:*:*:{escaped}\n", "utf-8")
        bare["passfile"] = str(passfile)
    return " ".join(f"{name}={_quoted(word)}" for name, word in bare.items())


def _quoted(word: str) -> str:
    """A value of libpq's, whatever letters are in it."""
    return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _restore(store: Store, target: Path) -> str:
    database, copy = quoted(str(store.url.database)), quoted(str(target))
    if store.is_sqlite:
        return f"stop Vigie; rm -f {database}-wal {database}-shm; cp {copy} {database}; start it"
    # Into one that is empty: what a newer Vigie has made beside would stay, and keep the next upgrade from making it.
    new = quoted(f"{store.url.database or 'vigie'}_again")
    made = f"createdb --encoding=UTF8 --template=template0 {new}"
    filled = f"pg_restore --exit-on-error --no-owner --dbname={new} {copy}"
    return f"stop every Vigie; {made}; {filled}; name {new} in DATABASE_URL; start them"
