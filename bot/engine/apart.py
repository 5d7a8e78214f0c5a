"""Calendars read in a process of their own: a few lines of recurrence can take a minute's computing or a machine's
memory, and whoever may write in a calendar must not be able to hold up a page with it."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from datetime import datetime

from domain.calendars import Event
from handlers.oncall.calendar_files import Unreadable, events
from storage import events as written

SECONDS = 20.0
"""A calendar of ten years is read in one."""
MEMORY_BYTES = 1024 * 1024 * 1024
_CHILD = "import sys; sys.path[:] = {path!r}; from bot.engine.apart import answer; answer()"


async def events_of(text: str, zone: str, start: datetime, end: datetime, seconds: float = SECONDS) -> list[Event]:
    """As `events`, in a process that is ended after `seconds`. Raises Unreadable."""
    child = await _begun()
    asked = {"text": text, "zone": zone, "start": start.isoformat(), "end": end.isoformat(), "seconds": seconds}
    try:
        async with asyncio.timeout(seconds):
            said, _ = await child.communicate(json.dumps(asked).encode())
    except TimeoutError:
        raise Unreadable(f"reading it takes longer than {seconds:.0f} s: do its events repeat that often?") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise Unreadable("reading it takes more time or memory than it may")
    return _found(json.loads(said))


async def _begun() -> asyncio.subprocess.Process:
    """The process. Raises Unreadable when there can be none."""
    pipe, program = asyncio.subprocess.PIPE, _CHILD.format(path=sys.path)
    nothing = asyncio.subprocess.DEVNULL
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-c", program, stdin=pipe, stdout=pipe, stderr=nothing
        )
    except OSError as error:
        raise Unreadable(f"there is no process to read it in: {error.strerror}") from error


def _found(said: dict[str, object]) -> list[Event]:
    """What the child answered. Raises Unreadable when it says so."""
    if isinstance(said["events"], list):
        return written.read(said["events"])
    raise Unreadable(str(said["why"]))


def answer() -> None:
    """In the child: what is asked on standard input, answered on standard output."""
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
