"""A log that nobody reads any more, as in a terminal that is paused: pages leave all the same."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.demo.outside import Outside
from tests.stories.process import Process, kill_what_is_left
from tests.world import PAYLOADS, alert_body

POLICY = """
Policy: At once
Default: true
Steps:
  1: {delay: 0 minutes, type: SMS, target: ON_CALL, message: "{incident.short_id} down"}
"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture(autouse=True)
async def _nothing_is_left() -> AsyncIterator[None]:
    yield
    await kill_what_is_left()


async def test_nobody_reads_the_log_and_the_page_leaves(sqlite_url: str, tmp_path: Path) -> None:
    outside = Outside()
    await outside.start()
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    vigie = Process(outside, sqlite_url, LOG_LEVEL="DEBUG")
    await vigie.prepare(str(PAYLOADS / "organisation.yaml"), str(policy))
    reads, writes = os.pipe()
    _fill(writes)
    with os.fdopen(writes, "w") as vigie.output:
        await vigie.start()
    answer = await vigie.post("/api/v1/webhooks/alertmanager/", alert_body())
    await outside.ovh.inbox.wait_for_count(1, timeout=20)
    assert answer["incident"]["short_id"] in outside.ovh.inbox.messages[0].text
    assert await vigie.stop() == 0
    await outside.stop()
    os.close(reads)


def _fill(writes: int) -> None:
    """Have the pipe take no line more."""
    os.set_blocking(writes, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writes, b"x" * 512)
    os.set_blocking(writes, True)
