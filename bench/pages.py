"""Lateness of pages: the provider's receipt less the moment they were due, with many incidents open."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from bench import seeds
from bench.running import HALF_AN_HOUR, Running, running
from bench.stage import started
from bench.table import Figure, at_most

OPEN = 10_000
GOALS = {1: 20.0, 100: 100.0, 1000: 500.0, 10_000: 3000.0}
"""Milliseconds, for the 99th of a hundred."""
_AHEAD = 6
"""Longer than the engine's sweep: what is put beside it is seen before it is due."""
_PATIENCE = 180


async def measure(kind: str, due: int) -> list[Figure]:
    """`due` SMS at one moment, on a Vigie that has been running all along."""
    async with running(kind, open_incidents=OPEN + due, policy=HALF_AN_HOUR) as stage:
        late, cost = await lateness(stage, due)
        least = await ceiling(stage, due)
    what = f"{kind}: {due:,} pages due at one moment"
    bare = Figure(f"{what}: ceiling (durable claims, signed posts, durable receipts)", f"p99 {_p99(least):.0f} ms late")
    share = Figure(f"{what}, of the ceiling", f"{_p99(least) / _p99(late) * 100:.0f} %")
    return [bare, *figures(f"{what}, {OPEN:,} open", late, cost, GOALS.get(due)), share]


async def lateness(stage: Running, due: int) -> tuple[list[float], float]:
    """Milliseconds late of each, in order, and Vigie's CPU for one in milliseconds."""
    before = len(stage.doubles.ask("sms"))
    moment = datetime.now(UTC) + timedelta(seconds=_AHEAD + due / 2000)
    engine = stage.database.engine()
    await asyncio.to_thread(seeds.make_due, engine, due, moment)
    engine.dispose()
    used = stage.vigie.cpu_seconds
    for _ in range(_PATIENCE * 2):
        await asyncio.sleep(0.5)
        came: list[float] = stage.doubles.ask("sms")[before:]
        if len(came) >= due:
            break
    if len(came) != due:
        raise SystemExit(f"{len(came)} of {due} pages came")
    return sorted((at - moment.timestamp()) * 1000 for at in came), (stage.vigie.cpu_seconds - used) * 1000 / due


async def ceiling(stage: Running, due: int) -> list[float]:
    """Milliseconds late of as many, in order, from a process that does nothing but to send them; Vigie rests."""
    before, moment = len(stage.doubles.ask("sms")), time.time() + _AHEAD
    with started("bench.page_ceiling", str(due), str(moment), environment=stage.doubles.environment) as alone:
        await asyncio.to_thread(alone.process.wait, _PATIENCE)
    return sorted((at - moment) * 1000 for at in stage.doubles.ask("sms")[before:])


def _p99(late: list[float]) -> float:
    return late[int(len(late) * 0.99)]


def figures(what: str, late: list[float], cost: float, goal: float | None) -> list[Figure]:
    """The middle one, the 99th of a hundred, the last, and what one cost."""
    p50, p99 = late[len(late) // 2], _p99(late)
    said = f"p50 {p50:.0f}, max {late[-1]:.0f} ms late; {cost:.2f} ms CPU each"
    checked = at_most(f"{what}: p99", p99, goal, "ms late") if goal else Figure(f"{what}: p99", f"{p99:.0f} ms late")
    return [Figure(what, said), checked]
