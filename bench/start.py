"""From the command to ready, and what an idle Vigie costs."""

from __future__ import annotations

import asyncio

from bench.databases import database
from bench.doubles_process import Doubles
from bench.stage import GUIDE, prepare, started, wait_ready
from bench.table import Figure, at_most

IDLE_SECONDS = 20


async def measure(kind: str) -> list[Figure]:
    """A start with the guide's catalog, and nothing to do after it."""
    with Doubles() as doubles, database(kind) as found:
        environment = {**found.settings(), **doubles.environment}
        prepare(environment, *GUIDE)
        with started("bot", "run", environment=environment, port=int(environment["PORT"])) as vigie:
            took = await wait_ready(vigie.port)
            memory = vigie.megabytes
            await asyncio.sleep(5)
            before = vigie.cpu_seconds
            await asyncio.sleep(IDLE_SECONDS)
            idle = (vigie.cpu_seconds - before) / IDLE_SECONDS * 100
    return [
        at_most(f"{kind}: start to ready", took, 1.5, "s"),
        at_most(f"{kind}: resident at the start", memory, 120, "MB"),
        at_most(f"{kind}: idle CPU", idle, 0.5, "%"),
    ]
