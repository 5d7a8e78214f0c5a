"""From the command to ready, and what an idle Vigie costs."""

from __future__ import annotations

import asyncio

from bench.doubles_process import Doubles
from bench.stage import GUIDE, database, prepare, started, wait_ready
from bench.table import Figure, at_most

IDLE_SECONDS = 10


async def measure() -> list[Figure]:
    """A first start, which makes the tables, and a later one."""
    with Doubles() as doubles, database() as settings:
        environment = {**settings, **doubles.environment}
        with started("bot", "run", environment=environment, port=int(settings["PORT"])) as vigie:
            first = await wait_ready(vigie.port)
        prepare(environment, *GUIDE)
        with started("bot", "run", environment=environment, port=int(settings["PORT"])) as vigie:
            later = await wait_ready(vigie.port)
            memory = vigie.megabytes
            await asyncio.sleep(3)
            before = vigie.cpu_seconds
            await asyncio.sleep(IDLE_SECONDS)
            idle = (vigie.cpu_seconds - before) / IDLE_SECONDS * 100
    return [
        Figure("first start, tables made, to ready", f"{first:.2f} s"),
        at_most("start to ready", later, 1.5, "s"),
        at_most("resident at the start", memory, 120, "MB"),
        at_most("idle CPU", idle, 0.5, "%"),
    ]
