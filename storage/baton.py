"""Whose turn it is to write: SQLite has one writer, and its own waiting is a lottery of sleeps."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Baton:
    """One at a time. Of two threads that ask again and again, each waits for one turn of the other at most."""

    def __init__(self) -> None:
        self._next = threading.Lock()
        """Held by whoever comes next: one that has just written cannot pass it."""
        self._busy = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Until it ends nobody else holds it."""
        with self._next:
            self._busy.acquire()
        try:
            yield
        finally:
            self._busy.release()
