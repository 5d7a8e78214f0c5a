"""The file that an SQLite database was opened from: one that is moved, deleted or replaced is written to all the same,
and the next start knows nothing of that."""

from __future__ import annotations

import os
from pathlib import Path

from storage.faults import Moved


class OwnFile:
    """Where the database is, and which file that was."""

    def __init__(self, path: str) -> None:
        """`path` is "" or `:memory:` for a database that is in no file."""
        self._path = Path(path).absolute() if path and path != ":memory:" else None
        self._opened: tuple[int, int] | None = None

    def check(self) -> None:
        """Remember the file at the first look. Raises Moved when it is another one, or none, later."""
        if self._path is None:
            return
        try:
            found = os.stat(self._path)
        except OSError as error:
            if self._opened is None:
                return
            raise Moved(f"{self._path}: {error.strerror}") from error
        if self._opened is None:
            self._opened = (found.st_dev, found.st_ino)
        elif self._opened != (found.st_dev, found.st_ino):
            raise Moved(f"{self._path} is another file")
