"""Memory over a long load: what it keeps at the end is what it kept when it was warm."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from bench import client
from bench.running import Running, running
from bench.table import Figure, at_most

PER_SECOND = 50
SAMPLE_SECONDS = 5
IN_A_SAMPLE = PER_SECOND * SAMPLE_SECONDS // 3
OVER_AFTER = 12
"""Samples until an alert is over: a minute. Were none ever over, it is the incidents that pile up, and not what the
process keeps."""
WARM_UP_SECONDS = 480
"""Until the caches of SQLite, SQLAlchemy and the engine are there: counted, the objects stay the same from then on."""
CONNECTIONS = 8


async def measure(kind: str, minutes: float) -> list[Figure]:
    """Alerts at a steady pace with all that they start: each comes in, comes again, and is over after a minute. Pages
    are gathered as an installation gathers them."""
    async with running(kind, limits="") as stage:
        samples: list[tuple[float, float]] = []
        started, number = time.monotonic(), 0
        while (elapsed := time.monotonic() - started) < WARM_UP_SECONDS + minutes * 60:
            await _load(stage, number)
            number += IN_A_SAMPLE
            samples.append((elapsed, stage.vigie.megabytes))
            await asyncio.sleep(max(elapsed + SAMPLE_SECONDS - (time.monotonic() - started), 0))
    warm = [megabytes for at, megabytes in samples if at >= WARM_UP_SECONDS] or [samples[-1][1]]
    what = f"{kind}: memory over {minutes:g} min of {PER_SECOND} alerts a second"
    return [
        Figure(what, f"{warm[0]:.0f} MB warm, {warm[-1]:.0f} MB at the end, {max(warm):.0f} MB at most"),
        at_most(f"{what}: growth an hour", (warm[-1] - warm[0]) * 60 / max(minutes, 0.1), 20, "MB"),
    ]


async def _load(stage: Running, number: int) -> None:
    over = number - IN_A_SAMPLE * OVER_AFTER
    for make, first in ((client.alert, number), (client.alert, number), (client.resolved, over)):
        if first >= 0:
            bodies = partial(_shifted, make, first)
            await client.send(stage.port, stage.token, bodies, IN_A_SAMPLE, CONNECTIONS)


def _shifted(make: client.Body, first: int, number: int) -> bytes:
    return make(first + number)
