"""A database that is away for a while: what was sent has to be written down, however long that takes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from domain.errors import Unavailable
from storage.faults import UNREADABLE

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Value = TypeVar("Value")
AGAIN_SECONDS = 0.5


def ended(task: asyncio.Future[None], failure: str) -> None:
    """Say that what was done beside the engine has failed, unless the database is away: that is said once."""
    if task.cancelled() or not (error := task.exception()):
        return
    if isinstance(error, Unavailable):
        log.debug("%s: %s", failure, error)
    else:
        log.error("%s", failure, exc_info=error)


async def patiently(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """What `ask` answers once the database does."""
    is_said = False
    while True:
        try:
            return await ask()
        except Unavailable as error:
            if not is_said:
                log.error("what is on its way waits for the database: %s", error)
                is_said = True
            await asyncio.sleep(AGAIN_SECONDS)


def readable(read: Callable[[Sequence[str]], dict[str, Value]], names: Sequence[str]) -> dict[str, Value]:
    """What `read` gives for `names`, without those that can't be read: they hold up no other."""
    try:
        return read(names)
    except UNREADABLE:
        if len(names) > 1:
            return {name: value for one in names for name, value in readable(read, [one]).items()}
        log.exception("%s can't be read, and is left as it is", *names)
        return {}
