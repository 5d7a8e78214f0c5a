"""What is being worked on, for the log lines of the moment: whatever is said meanwhile names the incident."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_INCIDENT: ContextVar[str] = ContextVar("incident", default="")


@contextmanager
def about(incident: str) -> Iterator[None]:
    """Until the end of the block, and in every task that is begun in it, lines are about this incident."""
    before = _INCIDENT.set(incident)
    try:
        yield
    finally:
        _INCIDENT.reset(before)


def incident() -> str:
    """The incident that is worked on; empty for none."""
    return _INCIDENT.get()
