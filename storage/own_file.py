"""The files of an SQLite database: what is moved, deleted or replaced is written to all the same, and the next start
knows nothing of that."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from storage.faults import Moved, Overwritten, Torn

_OPEN = "/dev/fd"
"""Where the system lists what this process has open."""
_MODE_AT = 18
_MODE_BYTES = 2
"""Where the file's head says that a journal is beside it (https://sqlite.org/fileformat2.html, 1.3.3): that of a copy
by `vigie db backup` says that there is none."""
_ALONE = b"\x01\x01"


class OwnFile:
    """Where the database is and which file that was; and the one beside it, which has what was written last."""

    def __init__(self, path: str) -> None:
        """`path` is "" or `:memory:` for a database that is in no file."""
        self._path = Path(path).absolute() if path and path != ":memory:" else None
        self._opened: tuple[int, int] | None = None
        self._written: tuple[int, int] | None = None
        self._handle = 0
        """The number under which SQLite has it open."""
        self._mode = b""
        self._is_overwritten = False

    def check(self) -> None:
        """Remember the files at the first look. Raises Moved when the database is in another one, or in none, later;
        Torn when what was written last is in one that no start will find; Overwritten when a copy was put in place."""
        found = self._found()
        if self._path is None or found is None:
            return
        self._opened = found
        self._check_mode(found)
        self._check_written(Path(f"{os.path.realpath(self._path)}-wal"))

    def check_place(self) -> None:
        """Before SQLite opens it once more: what that connection wrote would be in another. Raises Moved."""
        self._found()

    def _found(self) -> tuple[int, int] | None:
        """What is there now; None before the first look, and for a database that is in no file. Raises Moved."""
        try:
            found = _identity(os.stat(self._path)) if self._path else None
        except OSError as error:
            if self._opened is None:
                return None
            raise Moved(f"{self._path}: {error.strerror}") from error
        if self._opened and self._opened != found:
            raise Moved(f"{self._path} is another file")
        return found

    def _check_mode(self, file: tuple[int, int]) -> None:
        """For good: SQLite soon writes the rest of its own over it."""
        mode = self._mode_of(file)
        self._mode = self._mode or mode or b""
        self._is_overwritten |= mode is not None and mode != self._mode
        if self._is_overwritten:
            raise Overwritten(f"{self._path} is not as SQLite left it")

    def _mode_of(self, file: tuple[int, int]) -> bytes | None:
        """What its head says, by SQLite's own handle: to open the file and close it again takes away the locks that
        this process has on it. None when SQLite has none, or has just closed it."""
        with suppress(OSError):
            if _opened(self._handle) != file:
                self._handle = next((one for one in map(int, os.listdir(_OPEN)) if _opened(one) == file), -1)
            mode = os.pread(self._handle, _MODE_BYTES, _MODE_AT)
            return mode if _opened(self._handle) == file else None
        return None

    def _check_written(self, path: Path) -> None:
        """SQLite deletes it with the last connection and makes it anew: that one is missing says nothing by itself."""
        try:
            found = _identity(os.stat(path))
        except OSError:
            found = None
        if found != self._written and self._written and _is_open(self._written):
            raise Torn(f"{path} was {'replaced' if found else 'deleted'}")
        self._written = found


def has_anothers_journal(path: Path) -> bool:
    """Whether a copy lies where what was written last into the file before it still is: SQLite would put that into the
    copy. To be asked before SQLite opens it."""
    real = os.path.realpath(path)
    try:
        if not os.stat(f"{real}-wal").st_size:
            return False
        with open(real, "rb") as file:
            file.seek(_MODE_AT)
            return file.read(_MODE_BYTES) == _ALONE
    except OSError:
        return False


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _is_open(file: tuple[int, int]) -> bool:
    """Whether this process has it open."""
    with suppress(OSError):
        return any(_opened(int(number)) == file for number in os.listdir(_OPEN))
    return False


def _opened(number: int) -> tuple[int, int] | None:
    try:
        return _identity(os.fstat(number))
    except OSError:
        return None
