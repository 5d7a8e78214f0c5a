"""A real Alertmanager, Debian's, wired as docs/alertmanager.md says: it groups, repeats, resolves; one group is one
incident. Skipped where the package prometheus-alertmanager is not there."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.world import World, world_on

BINARY = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
CONFIGURATION = """
route: {{receiver: vigie, group_by: [service], group_wait: 0s, group_interval: 1s, repeat_interval: 2s}}
receivers:
  - name: vigie
    webhook_configs:
      - url: http://127.0.0.1:{port}/api/v1/webhooks/alertmanager/
        send_resolved: true
        http_config: {{authorization: {{type: Token, credentials: {token}}}}}
"""
PATIENCE_SECONDS = 60
QUIET = """
teams: [{name: SRE Core, channel: "#sre-incidents"}]
services: [{name: redis-prod, team: SRE Core}]
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(BINARY is None, reason="needs Debian's prometheus-alertmanager"),
]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Alertmanager:
    """One that runs, by its own API."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self._address = address
        self._session = session
        self._started = datetime.now(UTC)

    async def wait(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self._is_ready():
                await asyncio.sleep(0.1)

    async def _is_ready(self) -> bool:
        try:
            async with self._session.get(f"{self._address}/-/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def fire(self, *instances: str, ended: bool = False, **labels: str) -> None:
        """As Prometheus does: the same alert again, with an end when it is over."""
        said = {"alertname": "RedisDown", "service": "redis-prod", "severity": "critical", **labels}
        length = timedelta(seconds=1) if ended else timedelta(hours=1)
        times = {"startsAt": self._started.isoformat(), "endsAt": (self._started + length).isoformat()}
        alerts: list[dict[str, Any]] = [
            {"labels": said | {"instance": one}, "annotations": {"summary": "Redis is down"}, **times}
            for one in instances
        ]
        headers = {"Content-Type": "application/json"}
        body = json.dumps(alerts)
        async with self._session.post(f"{self._address}/api/v2/alerts", data=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()


@asynccontextmanager
async def alertmanager(folder: Path, port: int, token: str) -> AsyncIterator[Alertmanager]:
    """One that sends everything to the Vigie at `port`."""
    (folder / "alertmanager.yml").write_text(CONFIGURATION.format(port=port, token=token), "utf-8")
    own = free_port()
    process = await asyncio.create_subprocess_exec(
        str(BINARY),
        f"--config.file={folder}/alertmanager.yml",
        f"--storage.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{own}",
        "--cluster.listen-address=",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as session:
            running = Alertmanager(f"http://127.0.0.1:{own}", session)
            await running.wait()
            yield running
    finally:
        process.terminate()
        await process.wait()


async def incidents(world: World) -> list[dict[str, Any]]:
    _, listed = await world.get("/api/v1/incidents/?ordering=created_at")
    return list(listed["results"])


async def until(world: World, **wanted: object) -> list[dict[str, Any]]:
    """The incidents, once the first has these fields."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = await incidents(world)
            if found and all(found[0][name] == value for name, value in wanted.items()):
                return found
            await asyncio.sleep(0.1)


async def test_a_group_is_one_incident_from_the_first_alert_to_the_last(sqlite_url: str, tmp_path: Path) -> None:
    async with (
        world_on(sqlite_url, catalog=[QUIET]) as world,
        alertmanager(tmp_path, world.app.port, world.token) as running,
    ):
        await running.fire("redis-1")
        (opened,) = await until(world, status="TRIGGERED")
        said = (opened["service"], opened["severity"], opened["title"])
        assert said == ("redis-prod", "SEV1_CRITICAL", "Redis is down")
        # Another alert of the group, and repetitions: nothing new.
        await running.fire("redis-1", "redis-2")
        await asyncio.sleep(4)
        assert [one["short_id"] for one in await incidents(world)] == [opened["short_id"]]
        await running.fire("redis-1", ended=True)
        await asyncio.sleep(2.5)
        assert (await incidents(world))[0]["status"] == "TRIGGERED"
        await running.fire("redis-1", "redis-2", ended=True)
        (ended,) = await until(world, status="RESOLVED")
        assert ended["short_id"] == opened["short_id"]
        await world.settle()
        assert "Redis is down" in world.card().words
