"""Stopped with SIGTERM while alerts pour in, as a deployment does: what got a 202 is there, and pages once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import psycopg
import pytest

from bot.demo.outside import Outside
from bot.demo.rates import RateLimits
from tests.stories.process import Process, kill_what_is_left
from tests.world import PAYLOADS, alert_body

POLICY = """
Policy: At once
Default: true
Steps:
  1: {delay: 0 minutes, type: SMS, target: ON_CALL, message: "{incident.short_id} down"}
"""
WEBHOOK = "/api/v1/webhooks/alertmanager/"
SENDERS = 8
BEFORE = 60
"""Accepted alerts when the signal comes."""
ENDED_SECONDS = 40
"""It is killed after thirty; this machine has other things to do."""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(autouse=True)
async def _nothing_is_left() -> AsyncIterator[None]:
    yield
    await kill_what_is_left()


async def started(url: str, folder: Path) -> tuple[Outside, Process]:
    """A Vigie that runs on this database, and what is around it."""
    outside = Outside(rates=RateLimits(enabled=False))
    await outside.start()
    policy = folder / "policy.yaml"
    policy.write_text(POLICY)
    vigie = Process(outside, url, PAGE_LIMITS="off")
    await vigie.prepare(str(PAYLOADS / "organisation.yaml"), str(policy))
    await vigie.start()
    return outside, vigie


async def test_a_deployment_in_the_middle_of_a_burst_loses_nothing(database_url: str, tmp_path: Path) -> None:
    outside, vigie = await started(database_url, tmp_path)
    accepted: list[str] = []
    enough, stopped = asyncio.Event(), asyncio.Event()
    senders = [asyncio.create_task(_pour(vigie, sender, accepted, enough, stopped)) for sender in range(SENDERS)]
    await enough.wait()
    assert await vigie.stop() == 0
    stopped.set()
    await asyncio.gather(*senders)

    await vigie.start()
    wanted = set(accepted)
    await _all_paged(outside, wanted)
    texts = Counter(sms.text.split()[0] for sms in outside.ovh.inbox.messages if sms.text.endswith("in Slack"))
    named = {name: texts[name] for name in wanted}
    shown = [await vigie.get(f"/api/v1/incidents/{name}/") for name in sorted(wanted)[:5]]
    await vigie.stop()
    await outside.stop()
    assert len(accepted) == len(wanted) >= BEFORE
    assert set(named.values()) == {1}
    assert all(incident["status"] == "TRIGGERED" for incident in shown)


async def test_a_database_that_gives_no_answer_keeps_nobody_from_ending(postgresql_url: str, tmp_path: Path) -> None:
    outside, vigie = await started(postgresql_url, tmp_path)
    async with await psycopg.AsyncConnection.connect(postgresql_url) as somebody:
        await somebody.execute("LOCK TABLE incidents, outbox IN ACCESS EXCLUSIVE MODE")
        answer = await vigie.post(WEBHOOK, alert_body("Down", group="g", fingerprint="f"))
        assert answer["status"] == 503
        begun = asyncio.get_running_loop().time()
        assert await vigie.stop() == 0
        assert asyncio.get_running_loop().time() - begun < ENDED_SECONDS
    await outside.stop()


async def _pour(
    vigie: Process, sender: int, accepted: list[str], enough: asyncio.Event, stopped: asyncio.Event
) -> None:
    """Alerts one after another, as many as go in; each that got a 202 is noted."""
    headers = {"Authorization": f"Token {vigie.token}"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{vigie.port}", headers=headers) as session:
        for number in range(5000):
            if stopped.is_set():
                return
            body = alert_body(f"Alert {sender}-{number}", group=f"{sender}-{number}", fingerprint=f"{sender}-{number}")
            # A connection that is refused, or ends without an answer, is for the source to try again.
            with suppress(aiohttp.ClientError):
                async with session.post(WEBHOOK, json=body) as answer:
                    if answer.status == 202:
                        accepted.append((await answer.json())["incident"]["short_id"])
            if len(accepted) >= BEFORE:
                enough.set()
            await asyncio.sleep(0.005)


async def _all_paged(outside: Outside, wanted: set[str]) -> None:
    async with asyncio.timeout(60):
        while not wanted <= {sms.text.split()[0] for sms in outside.ovh.inbox.messages}:
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("tables", ["people, teams", "inspections, incidents"])
async def test_a_start_behind_somebodys_lock_says_so_and_can_be_ended(
    tables: str, postgresql_url: str, tmp_path: Path
) -> None:
    outside, vigie = await started(postgresql_url, tmp_path)
    await vigie.stop()
    log = tmp_path / "log.txt"
    async with await psycopg.AsyncConnection.connect(postgresql_url) as somebody:
        await somebody.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE".encode())
        with log.open("w") as vigie.output:
            vigie.environment["LOG_LEVEL"] = "WARNING"
            await vigie.start(ready=False)
            async with asyncio.timeout(60):
                while "the database" not in log.read_text():
                    await asyncio.sleep(0.2)
            assert await asyncio.wait_for(vigie.stop(), ENDED_SECONDS) == 0
    await outside.stop()
