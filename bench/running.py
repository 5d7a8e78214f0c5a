"""A Vigie under measurement: its doubles, its database with a past, its token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench import client, seeds
from bench.databases import Database, database
from bench.doubles_process import Doubles
from bench.stage import GUIDE, Server, prepare, started, wait_ready

HALF_AN_HOUR = """
Policy: Half an hour
Default: true
Steps:
  1: {delay: 30 minutes, type: SMS, target: ON_CALL, message: "{incident.short_id}"}
"""
"""A policy whose pages leave when a bench says so, and not before."""
_LATER = timedelta(days=2)
_PATIENCE = 120


@dataclass(frozen=True, slots=True)
class Running:
    """What a bench works with."""

    vigie: Server
    token: str
    doubles: Doubles
    database: Database

    @property
    def port(self) -> int:
        return self.vigie.port


@asynccontextmanager
async def running(
    kind: str, *, open_incidents: int = 0, policy: str = "", limits: str = "off"
) -> AsyncIterator[Running]:
    """On a fresh database of `kind`, with so many incidents open; the guide's policy unless another is given. Pages are
    not gathered, so that each has its own lateness, unless `limits` (PAGE_LIMITS) says so."""
    with Doubles() as doubles, database(kind) as found:
        environment = {**found.settings(), **doubles.environment, "PAGE_LIMITS": limits}
        files = list(GUIDE)
        if policy:
            file = found.folder / "policy.yaml"
            file.write_text(policy)
            files = [GUIDE[0], str(file)]
        token = prepare(environment, *files)
        if open_incidents:
            await _fill(found, environment, token, open_incidents)
        with started("bot", "run", environment=environment, port=int(environment["PORT"])) as vigie:
            await wait_ready(vigie.port, seconds=_PATIENCE)
            await asyncio.sleep(2)
            yield Running(vigie, token, doubles, found)


async def _fill(found: Database, environment: dict[str, str], token: str, count: int) -> None:
    """One alert as it really comes in, with its card; then its like, as often as wanted."""
    with started("bot", "run", environment=environment, port=int(environment["PORT"])) as vigie:
        await wait_ready(vigie.port)
        await client.send(vigie.port, token, client.alert, 1, 1)
        await asyncio.sleep(3)
    engine = found.engine()
    await asyncio.to_thread(seeds.multiply, engine, count, datetime.now(UTC) + _LATER)
    engine.dispose()
