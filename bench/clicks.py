"""A click on Acknowledge while alerts pour in: milliseconds until it is on the disk and Slack has its answer."""

from __future__ import annotations

import asyncio

from bench import client
from bench.running import running
from bench.table import Figure, at_most

CARDS = 64


async def measure(kind: str, clicks: int) -> list[Figure]:
    """Clicks on cards that are there, during a burst at 64 connections."""
    async with running(kind) as stage:
        await client.send(stage.port, stage.token, client.alert, CARDS, 8)
        await asyncio.sleep(clicks + 2)
        burst = asyncio.create_task(
            client.send(stage.port, stage.token, lambda n: client.alert(100_000 + n), 200 * clicks, 64)
        )
        await asyncio.sleep(0.3)
        took = sorted(await asyncio.to_thread(stage.doubles.ask, f"clicks {clicks}"))
        await burst
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    return [
        Figure(f"{kind}: click to Slack's answer in a burst, {len(took)} clicks: p50", f"{p50:.1f} ms"),
        at_most(f"{kind}: click to Slack's answer in a burst: p99", p99, 30, "ms"),
    ]
