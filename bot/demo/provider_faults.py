"""What a far side can be told to do wrong."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One request gone wrong."""

    status: int = 0
    """The code answered, HTTP's or SMTP's; 0 leaves the usual answer, late or cut off."""
    code: str = "FAULT"
    message: str = "told to fail"
    retry_after: float | None = None
    accept: bool = False
    """What is asked is done all the same: only the answer goes wrong."""
    delay: float = 0.0
    """Seconds before the answer."""
    cut: bool = False
    """The connection is closed instead of an answer."""
    raw: bytes | None = None
    """A body of other bytes, such as a gateway's HTML page."""

    @property
    def proceeds(self) -> bool:
        """Whether what is asked is done: a fault of time alone lets the request through."""
        return self.accept or not (self.status or self.cut or self.raw is not None)


class Faults:
    """Which requests fail: the next few, or all until told otherwise."""

    def __init__(self) -> None:
        self._next: deque[Fault] = deque()
        self._always: Fault | None = None

    def next(self, fault: Fault, times: int = 1) -> None:
        self._next.extend([fault] * times)

    def always(self, fault: Fault) -> None:
        self._always = fault

    def clear(self) -> None:
        self._next.clear()
        self._always = None

    def take(self) -> Fault | None:
        """The fault of the request at hand."""
        return self._next.popleft() if self._next else self._always
