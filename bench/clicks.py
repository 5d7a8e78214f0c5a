"""A click on Acknowledge while alerts pour in: milliseconds until Slack has its answer."""

from __future__ import annotations

import asyncio

from bench import client
from bench.doubles_process import Doubles
from bench.stage import GUIDE, database, prepare, started, wait_ready
from bench.table import Figure, at_most

CARDS = 64


async def measure(clicks: int) -> list[Figure]:
    """Clicks on cards that are there, during a burst at 64 connections."""
    with Doubles() as doubles, database() as settings:
        environment = {**settings, **doubles.environment}
        token = prepare(environment, *GUIDE)
        with started("bot", "run", environment=environment, port=int(settings["PORT"])) as vigie:
            await wait_ready(vigie.port)
            await client.send(vigie.port, token, client.alert, CARDS, 8)
            await asyncio.sleep(clicks + 2)
            burst = asyncio.create_task(client.send(vigie.port, token, lambda n: client.alert(100_000 + n), 6400, 64))
            await asyncio.sleep(0.3)
            took = sorted(await asyncio.to_thread(doubles.ask, f"clicks {clicks}"))
            await burst
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    return [
        Figure(f"click to Slack's answer in a burst, {len(took)} clicks: p50", f"{p50:.1f} ms"),
        at_most("click to Slack's answer in a burst: p99", p99, 30, "ms"),
    ]
