"""Durable intake of alerts as a ratio to the ceilings of the same run; medians of rounds that take turns."""

from __future__ import annotations

import asyncio
from statistics import median

from bench import client
from bench.client import Load
from bench.doubles_process import Doubles
from bench.stage import GUIDE, Server, database, free_port, prepare, started, wait_ready
from bench.table import Figure, at_least, at_most

CONNECTIONS = 64


async def measure(rounds: int, count: int) -> list[Figure]:
    """New alerts and repeats at 64 connections, cards and runbooks really posted to the Slack double."""
    ceilings: dict[str, list[float]] = {"bare": [], "commit": []}
    new: list[Load] = []
    repeats: list[Load] = []
    costs: list[float] = []
    memory = 0.0
    with Doubles() as doubles, database() as settings:
        environment = {**settings, **doubles.environment}
        token = prepare(environment, *GUIDE)
        with started("bot", "run", environment=environment, port=int(settings["PORT"])) as vigie:
            await wait_ready(vigie.port)
            for turn in range(rounds):
                for kind, found in ceilings.items():
                    found.append((await _ceiling(kind, count)).per_second)
                load, cost = await _new(vigie, token, turn * count, count)
                new.append(load)
                costs.append(cost)
                repeats.append(
                    await client.send(vigie.port, token, lambda n, t=turn: _of(t, n, count), count, CONNECTIONS)  # type: ignore[misc]
                )
                memory = max(memory, vigie.megabytes)
                await asyncio.sleep(2)
    commit = median(ceilings["commit"])
    return [
        Figure("ceiling: bare aiohttp, 64 connections", f"{median(ceilings['bare']):.0f}/s"),
        Figure("ceiling: group commit, SQLite FULL", f"{commit:.0f}/s"),
        Figure("new alerts, 64 connections", f"{_rate(new):.0f}/s, p99 {median(load.p99_ms for load in new):.0f} ms"),
        at_least("new alerts, of the group-commit ceiling", _rate(new) / commit * 100, 40, "%"),
        Figure("repeats, 64 connections", f"{_rate(repeats):.0f}/s"),
        at_least("repeats, of the group-commit ceiling", _rate(repeats) / commit * 100, 60, "%"),
        at_most("CPU of a new alert, all that it starts included", median(costs), 0.6, "ms"),
        at_most("resident after the load", memory, 120, "MB"),
    ]


def _of(turn: int, number: int, count: int) -> bytes:
    return client.alert(turn * count + number)


def _rate(loads: list[Load]) -> float:
    return median(load.per_second for load in loads)


async def _new(vigie: Server, token: str, first: int, count: int) -> tuple[Load, float]:
    before = vigie.cpu_seconds
    load = await client.send(vigie.port, token, lambda n: client.alert(first + n), count, CONNECTIONS)
    return load, (vigie.cpu_seconds - before) * 1000 / count


async def _ceiling(kind: str, count: int) -> Load:
    port = free_port()
    with started("bench.ceiling", kind, str(port), port=port):
        await wait_ready_bare(port)
        return await client.send(port, "none", client.alert, count, CONNECTIONS)


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
