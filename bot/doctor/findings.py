"""What a check finds, and how checks are made: all at once, each within its time, none able to stop the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from domain.errors import Unavailable, VigieError

SECONDS = 5.0
"""What one check may take."""
NETWORK = "Is the address right, and reachable from here? Look at DNS, the firewall and the proxy."

Result = TypeVar("Result")


class Verdict(StrEnum):
    """How it stands. Only an error makes `vigie doctor` fail."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what is the case and, unless all is well, how to mend it (a line for each thing to do)."""

    area: str
    verdict: Verdict
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at. It answers None when there is nothing to say that another check does not say."""

    area: str
    run: Callable[[], Awaitable[Finding | None]]
    silence: str = NETWORK
    """How to mend it when there is no answer in time."""


class Shared(Generic[Result]):
    """An answer that several checks need, asked for once, by whichever comes first.

    It outlives the time-out of the check that asked: the others have their own.
    """

    def __init__(self, ask: Callable[[], Awaitable[Result]]) -> None:
        self._ask = ask
        self._task: asyncio.Future[Result] | None = None

    async def get(self) -> Result:
        """The answer, or what was raised instead of one."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._ask())
        return await asyncio.shield(self._task)

    async def close(self) -> None:
        """Ask no longer."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


async def examine(checks: Sequence[Check], seconds: float = SECONDS) -> AsyncGenerator[Finding, None]:
    """The findings, as they come."""
    areas = {asyncio.create_task(_within(check, seconds)): check.area for check in checks}
    waiting = set(areas)
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in (task for task in areas if task in done):
                if finding := _outcome(areas[task], task):
                    yield finding
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _within(check: Check, seconds: float) -> Finding | None:
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await check.run()
    except TimeoutError:
        if not limit.expired():
            raise
        return Finding(check.area, Verdict.ERROR, f"no answer within {seconds:g} s", check.silence)


def _outcome(area: str, task: asyncio.Task[Finding | None]) -> Finding | None:
    """What a check that is done found; one that broke found that."""
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, Unavailable):
        return Finding(area, Verdict.ERROR, str(error).partition(";")[0], "Mend what is said of the database first.")
    if isinstance(error, VigieError):
        return Finding(area, Verdict.ERROR, str(error), NETWORK)
    what = f"this check broke: {type(error).__name__}: {error}"
    return Finding(area, Verdict.ERROR, what[:300], "This is a fault in Vigie: please report it with this line.")
