"""Whoever opens connections and keeps them keeps no alert from coming in, and no page from going out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.demo.outside import Outside
from bot.demo.rates import RateLimits
from tests.stories.process import Process, kill_what_is_left
from tests.world import PAYLOADS, alert_body

FILES = 200
_FEW_FILES = f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES},) * 2); {{}}"
_THEN = "os.execvp(sys.argv[1], sys.argv[1:])"
NOW = 'Policy: Now\nDefault: true\nSteps:\n  1: {delay: 0 minutes, type: SMS, target: ON_CALL, message: "n"}'


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    made = Outside(rates=RateLimits(enabled=False))
    await made.start()
    yield made
    await kill_what_is_left()
    await made.stop()


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_pages_leave_though_somebody_keeps_more_connections_than_there_may_be_files(
    outside: Outside, tmp_path: Path
) -> None:
    policy, said = tmp_path / "policy.yaml", tmp_path / "said"
    policy.write_text(NOW)
    vigie = Process(outside, f"sqlite:///{tmp_path}/vigie.db")
    await vigie.prepare(str(PAYLOADS / "organisation.yaml"), str(policy))
    vigie.under = (sys.executable, "-c", _FEW_FILES.format(_THEN))
    with said.open("w") as vigie.output:
        await vigie.start()
        opened = await asyncio.gather(*(rest(vigie.port) for _ in range(2 * FILES)))
        async with asyncio.timeout(20):
            await vigie.post("/api/v1/webhooks/alertmanager/", alert_body())
            while not outside.ovh.inbox.messages:
                await asyncio.sleep(0.05)
        for writer in opened:
            writer.close()
        assert await vigie.stop() == 0
    assert "Traceback" not in said.read_text()


async def rest(port: int) -> asyncio.StreamWriter:
    """A connection of somebody who asked something once, and stays."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: v\r\n\r\n")
    with suppress(OSError, asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
    return writer
