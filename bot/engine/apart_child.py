"""The process in which calendars are read: what it loads for that, nobody else has to."""

from __future__ import annotations

import json
import resource
import sys
from datetime import datetime

from domain.calendars import Unreadable
from handlers.oncall.calendar_files import events
from storage import events as written

MEMORY_BYTES = 1024 * 1024 * 1024


def answer() -> None:
    """What is asked on standard input, answered on standard output."""
    asked = json.load(sys.stdin)
    # Whoever waits may be gone: the child ends all the same.
    _allow(resource.RLIMIT_CPU, int(asked["seconds"]) + 1)
    _allow(resource.RLIMIT_AS, MEMORY_BYTES)
    between = (datetime.fromisoformat(asked["start"]), datetime.fromisoformat(asked["end"]))
    try:
        said: dict[str, object] = {"events": written.content(events(asked["text"], asked["zone"], *between))}
    except Unreadable as error:
        said = {"events": None, "why": str(error)}
    json.dump(said, sys.stdout)


def _allow(what: int, most: int) -> None:
    """No more of it than `most`, or than this process may have anyway."""
    _, ever = resource.getrlimit(what)
    allowed = most if ever == resource.RLIM_INFINITY else min(most, ever)
    resource.setrlimit(what, (allowed, allowed))
