"""Log lines are written on a thread of their own: whoever reads them may stop for a while, as a paused terminal or a
collector that hangs does, and no page waits for that."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

MOST_WAITING = 10_000
FINISH_SECONDS = 2.0
_AGAIN_SECONDS = 0.05


class LogWriter(logging.StreamHandler["Lines"]):
    """Writes to an open file's descriptor. While nothing is taken there, `most` lines wait; those beyond are left out,
    and counted in a line of its own."""

    def __init__(self, descriptor: int, most: int = MOST_WAITING) -> None:
        super().__init__(Lines(descriptor, most, self._missing))

    def close(self) -> None:
        self.stream.finish()
        super().close()

    def _missing(self, count: int) -> str:
        said = "%s lines of the log are missing here: nobody took them in time"
        return self.format(logging.LogRecord("vigie.log", logging.WARNING, __file__, 0, said, (count,), None))


class Lines:
    """A stream that is never waited for, but at its end. `missing` words how many lines it has left out."""

    def __init__(self, descriptor: int, most: int, missing: Callable[[int], str]) -> None:
        self._descriptor = descriptor
        self._most = most
        self._missing = missing
        self._waiting: list[str] = []
        self._left_out = 0
        self._is_writing = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def write(self, line: str) -> None:
        """Take a line, to be written soon."""
        with self._changed:
            if self._thread is None:
                # A daemon: one that never comes back from a write must not keep the process.
                self._thread = threading.Thread(target=self._write, name="log", daemon=True)
                self._thread.start()
            if len(self._waiting) < self._most:
                self._waiting.append(line)
            else:
                self._left_out += 1
            self._changed.notify_all()

    def finish(self) -> None:
        """Wait until everything is written, and not for long."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._is_writing, FINISH_SECONDS)

    def _write(self) -> None:
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
                lines, left_out = self._waiting, self._left_out
                self._waiting, self._left_out, self._is_writing = [], 0, True
            if left_out:
                lines.append(f"{self._missing(left_out)}\n")
            self._hand_over("".join(lines).encode(errors="backslashreplace"))

    def _hand_over(self, text: bytes) -> None:
        while text:
            try:
                # Past `sys.stderr`, whose lock the end of the process waits for.
                text = text[os.write(self._descriptor, text) :]
            except BlockingIOError:
                time.sleep(_AGAIN_SECONDS)
            except OSError:
                # A disk that is full, a reader that is gone: there is nobody to say it to.
                return
