"""A storm at Slack's own pace: a thousand alerts in ten seconds, one post a second a channel."""

from __future__ import annotations

import asyncio
from collections import Counter

from bench import client
from bench.running import running
from bench.table import Figure, at_most

ALERTS = 1000
SECONDS = 10
AFTER = 20
POLICY = """
Policy: At once
Default: true
Steps:
  1: {delay: 0 minutes, type: SMS + SLACK, target: ON_CALL, message: "{incident.short_id}"}
"""


async def measure(kind: str) -> list[Figure]:
    """Each alert opens an incident and pages whoever is on call."""
    async with running(kind, policy=POLICY, limits="") as stage:
        took: list[float] = []
        async with asyncio.TaskGroup() as group:
            for number in range(ALERTS):
                group.create_task(_one(stage.port, stage.token, number, took))
                await asyncio.sleep(SECONDS / ALERTS)
        await asyncio.sleep(AFTER)
        texts: list[dict[str, str | float]] = stage.doubles.ask("texts")
        posts = stage.doubles.ask("messages")
    took.sort()
    most = max(Counter(text["to"] for text in texts).values(), default=0)
    return [
        at_most(f"{kind}: storm of {ALERTS:,} in {SECONDS} s: intake p99", took[int(len(took) * 0.99)], 250, "ms"),
        at_most(f"{kind}: storm: SMS to one person in {SECONDS + AFTER} s", most, 5, "SMS"),
        Figure(f"{kind}: storm: posts in the channel in {SECONDS + AFTER} s", f"{posts}"),
    ]


async def _one(port: int, token: str, number: int, took: list[float]) -> None:
    load = await client.send(port, token, lambda _: client.alert(number), 1, 1)
    took.append(load.p99_ms)
