"""Durable intake of alerts as a ratio to the ceilings of the same run; medians of rounds that take turns."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from statistics import median

from bench import client
from bench.client import Load
from bench.running import Running, running
from bench.stage import free_port, started
from bench.table import Figure, at_least, at_most

CONNECTIONS = (1, 16, 64)
GOALS = {1: (600, None, None), 16: (1500, None, None), 64: (2000, 40, 60)}
"""New alerts a second, and new alerts and repeats in per cent of the ceiling."""
Found = dict[tuple[str, int], list[Load]]


async def measure(kind: str, rounds: int, count: int) -> list[Figure]:
    """New alerts and repeats at 1, 16 and 64 connections, cards and runbooks really posted to the Slack double."""
    found: Found = defaultdict(list)
    costs: list[float] = []
    async with running(kind) as stage:
        for turn in range(rounds):
            for place, connections in enumerate(CONNECTIONS):
                number = count if connections > 1 else count // 4
                for ceiling in ("bare", "commit"):
                    found[ceiling, connections].append(await _ceiling(ceiling, number, connections))
                first = (turn * len(CONNECTIONS) + place) * count
                before = stage.vigie.cpu_seconds
                found["new", connections].append(await _send(stage, first, number, connections))
                costs.append((stage.vigie.cpu_seconds - before) * 1000 / number)
                found["repeats", connections].append(await _send(stage, first, number, connections))
                await asyncio.sleep(2)
        memory = stage.vigie.megabytes
    return [
        *(figure for connections in CONNECTIONS for figure in _figures(kind, found, connections)),
        at_most(f"{kind}: CPU of a new alert, all that it starts included", median(costs), 0.6, "ms"),
        at_most(f"{kind}: resident after the load", memory, 120, "MB"),
    ]


def _figures(kind: str, found: Found, connections: int) -> list[Figure]:
    bare, commit = (_rate(found[ceiling, connections]) for ceiling in ("bare", "commit"))
    new, repeats = _rate(found["new", connections]), _rate(found["repeats", connections])
    p99 = median(load.p99_ms for load in found["new", connections])
    rate, share, of_repeats = GOALS[connections]
    at = f"{kind}, {connections} connection{'s' if connections > 1 else ''}"
    figures = [
        Figure(f"{at}: ceilings", f"{bare:.0f}/s bare, {commit:.0f}/s with a group commit"),
        at_least(f"{at}: new alerts (p99 {p99:.0f} ms)", new, rate, "/s"),
        Figure(f"{at}: repeats", f"{repeats:.0f}/s"),
    ]
    shares = (("new alerts", new, share), ("repeats", repeats, of_repeats))
    for what, value, goal in shares:
        of_it = f"{at}: {what}, of the ceiling with a commit"
        percent = value / commit * 100
        figures.append(at_least(of_it, percent, goal, "%") if goal else Figure(of_it, f"{percent:.0f} %"))
    return figures


def _rate(loads: list[Load]) -> float:
    return median(load.per_second for load in loads)


async def _send(stage: Running, first: int, count: int, connections: int) -> Load:
    return await client.send(stage.port, stage.token, lambda n: client.alert(first + n), count, connections)


async def _ceiling(kind: str, count: int, connections: int) -> Load:
    port = free_port()
    with started("bench.ceiling", kind, str(port), port=port):
        await wait_ready_bare(port)
        return await client.send(port, "none", client.alert, count, connections)


async def wait_ready_bare(port: int) -> None:
    """Until something listens."""
    for _ in range(500):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise SystemExit("the ceiling did not start")
