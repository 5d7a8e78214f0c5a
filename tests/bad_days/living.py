"""A bad day from its beginning to its verdict."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.bad_days.around import outside
from tests.bad_days.day import Day
from tests.bad_days.plan import plan
from tests.bad_days.verdict import Verdict
from tests.postgresql import PostgreSQL

PATIENCE_SECONDS = 120.0
"""How long what is lacking may take to come, once nothing is wrong any more."""
AFTERWARDS_SECONDS = 1.5
"""What is not to come does not come within this time either."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What became of a day: what is held against Vigie, the diary, and a line of numbers."""

    faults: tuple[str, ...]
    diary: tuple[str, ...]
    said: str


async def a_day(seed: int, seconds: float, url: str, folder: Path, server: PostgreSQL | None = None) -> Lived:
    """Live the day of `seed`, and judge it. With a `server` two processes share it."""
    around = outside()
    await around.start()
    day = Day(around, url, folder, processes=2 if server else 1, server=server)
    await day.begin()
    await day.live(plan(seed, seconds, is_on_a_server=server is not None))
    verdict = Verdict(day)
    lacking = await _until_nothing_lacks(verdict)
    took = day.since_healed()
    await asyncio.sleep(AFTERWARDS_SECONDS)
    lacking = lacking or await verdict.look()
    codes = await day.end()
    faults = [*lacking, *verdict.wrong(), *(f"exit {code}" for code in codes if code)]
    await around.stop()
    numbers = f"{len(day.told.opened)} incidents, {day.struck}, twice {verdict.doubles()}, whole after {took:.0f} s"
    return Lived(tuple(faults), tuple(day.diary), numbers)


async def _until_nothing_lacks(verdict: Verdict) -> list[str]:
    lacking = ["nothing was answered"]
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while lacking:
                with suppress(aiohttp.ClientError):
                    lacking = await verdict.look()
                await asyncio.sleep(1.0 if lacking else 0)
    return lacking
