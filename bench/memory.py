"""Memory over a long load: what it keeps at the end is what it kept after the first minute."""

from __future__ import annotations

import asyncio
import time

from bench import client
from bench.running import running
from bench.table import Figure, at_most

PER_SECOND = 50
WARM_UP_SECONDS = 180
"""Until SQLite's caches and SQLAlchemy's statements are there: counted, the objects stay the same from then on."""
SAMPLE_SECONDS = 5
CONNECTIONS = 8


async def measure(kind: str, minutes: float) -> list[Figure]:
    """Alerts at a steady pace, new ones and repeats by turns, with all that they start."""
    async with running(kind) as stage:
        samples: list[tuple[float, float]] = []
        started, number = time.monotonic(), 0
        while (elapsed := time.monotonic() - started) < WARM_UP_SECONDS + minutes * 60:
            # Twice the same: the second time they are repeats.
            for _ in range(2):
                first = number
                await client.send(
                    stage.port, stage.token, lambda n, f=first: client.alert(f + n), PER_SECOND * SAMPLE_SECONDS // 2,  # type: ignore[misc]
                    CONNECTIONS,
                )  # fmt: skip
            number += PER_SECOND * SAMPLE_SECONDS // 2
            samples.append((elapsed, stage.vigie.megabytes))
            await asyncio.sleep(max(elapsed + SAMPLE_SECONDS - (time.monotonic() - started), 0))
    warm = [megabytes for at, megabytes in samples if at >= WARM_UP_SECONDS] or [samples[-1][1]]
    what = f"{kind}: memory over {minutes:g} min of {PER_SECOND} alerts a second"
    return [
        Figure(what, f"{warm[0]:.0f} MB warm, {warm[-1]:.0f} MB at the end, {max(warm):.0f} MB at most"),
        at_most(f"{what}: growth an hour", (warm[-1] - warm[0]) * 60 / max(minutes, 0.1), 20, "MB"),
    ]
