"""Calendars read in a process of their own: a few lines of recurrence can take a minute's computing or a machine's
memory, and whoever may write in a calendar must not be able to hold up a page with it."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime

from domain.calendars import Event, Unreadable
from storage import events as written

SECONDS = 20.0
"""A calendar of ten years is read in one."""
_CHILD = "import sys; sys.path[:] = {path!r}; from bot.engine.apart_child import answer; answer()"


async def events_of(text: str, zone: str, start: datetime, end: datetime, seconds: float = SECONDS) -> list[Event]:
    """As `calendar_files.events`, in a process that is ended after `seconds`. Raises Unreadable."""
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
