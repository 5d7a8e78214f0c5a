"""Two Vigies on one PostgreSQL against one: what a second process gives, and what it costs."""

from __future__ import annotations

import asyncio

from bench import client
from bench.pages import lateness
from bench.running import HALF_AN_HOUR, Running, running
from bench.stage import free_port, started, wait_ready
from bench.table import Figure

COUNT = 3200
CONNECTIONS = 32
DUE = 1000


async def measure() -> list[Figure]:
    """Alerts to one, then to both at once; the same pages due with one, and with two to send them."""
    async with running("postgresql", open_incidents=10_000, policy=HALF_AN_HOUR) as stage:
        alone = await client.send(stage.port, stage.token, client.alert, COUNT, 2 * CONNECTIONS)
        late_alone, _ = await lateness(stage, DUE)
        port = free_port()
        environment = {
            **stage.database.settings(),
            **stage.doubles.environment,
            "PORT": str(port),
            "PAGE_LIMITS": "off",
        }
        with started("bot", "run", environment=environment, port=port):
            await wait_ready(port, seconds=60)
            both = sum(await asyncio.gather(_half(stage, stage.port, 0), _half(stage, port, 1)))
            late_both, _ = await lateness(stage, DUE)
    return [
        Figure("PostgreSQL, one process: new alerts", f"{alone.per_second:.0f}/s"),
        Figure("PostgreSQL, two processes: new alerts", f"{both:.0f}/s (× {both / alone.per_second:.2f})"),
        Figure(f"PostgreSQL, one process: {DUE:,} pages due at one moment: p99", _late(late_alone)),
        Figure(f"PostgreSQL, two processes: {DUE:,} pages due at one moment: p99", _late(late_both)),
    ]


def _late(late: list[float]) -> str:
    return f"{late[int(len(late) * 0.99)]:.0f} ms late"


async def _half(stage: Running, port: int, half: int) -> float:
    first = 100_000 * (half + 1)
    load = await client.send(port, stage.token, lambda n: client.alert(first + n), COUNT // 2, CONNECTIONS)
    return load.per_second
