"""Days on which everything fails at moments drawn by lot: no due page lost, none twice but for what a kill or a lost
answer excuses, none after an acknowledgement, and in the end every incident has its card, its thread and its truth.

`python -m tests.bad_days` lives other days than these, and longer ones.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.demo.faults import OutageMode
from storage import schema
from storage.store import Store
from tests.bad_days.around import outside
from tests.bad_days.living import Lived, a_day
from tests.postgresql import DURABLE, PostgreSQL
from tests.stories.process import Process, kill_what_is_left
from tests.world import PAYLOADS, alert_body

SECONDS = 20.0
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
async def _nothing_is_left() -> AsyncIterator[None]:
    yield
    await kill_what_is_left()


@pytest.fixture
def server() -> Iterator[PostgreSQL]:
    """One that a day may crash: what it has said to be written is on its disk."""
    made = PostgreSQL(DURABLE)
    yield made
    made.stop()


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_bad_day_of_one_process(seed: int, sqlite_url: str, tmp_path: Path) -> None:
    _judge(await a_day(seed, SECONDS, sqlite_url, tmp_path))


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_bad_day_of_two_processes(seed: int, server: PostgreSQL, tmp_path: Path) -> None:
    _judge(await a_day(seed, SECONDS, _database(server), tmp_path, server))


async def test_started_before_its_database_it_waits_for_it(server: PostgreSQL, tmp_path: Path) -> None:
    around = outside()
    await around.start()
    vigie = Process(around, _database(server), LOG_LEVEL="WARNING")
    log = tmp_path / "log.txt"
    with log.open("a") as vigie.output:
        server.crash()
        for is_told_to_stop in (True, False):
            await vigie.start(ready=False)
            async with asyncio.timeout(60):
                while log.read_text().count("the start waits for the database") < 2 - is_told_to_stop:
                    await asyncio.sleep(0.05)
            if is_told_to_stop:
                assert await vigie.stop() == 0
        server.start()
        await vigie.wait_alive()
        assert await vigie.stop() == 0
    assert "Traceback" not in log.read_text()
    await around.stop()


@pytest.mark.parametrize("mode", ["http500", "hang"])
async def test_slack_is_away_for_the_whole_of_an_incident(mode: OutageMode, sqlite_url: str, tmp_path: Path) -> None:
    """And Vigie starts without it, twice: what Slack shows afterwards is how it ended, once."""
    around = outside()
    await around.start()
    around.slack.faults.begin(mode)
    vigie = Process(around, sqlite_url, CLOCK_SPEED="60", LOG_LEVEL="WARNING")
    log = tmp_path / "log.txt"
    with log.open("a") as vigie.output:
        await vigie.prepare(str(PAYLOADS / "organisation.yaml"), str(PAYLOADS / "guide.yaml"))
        await vigie.start()
        said = await vigie.post("/api/v1/webhooks/alertmanager/", alert_body())
        at = f"/api/v1/incidents/{said['incident']['short_id']}/"
        await around.ovh.inbox.wait_for_count(1)
        await vigie.kill()
        await vigie.start()
        assert (await vigie.post(f"{at}acknowledge/", {}))["status"] == "ACKNOWLEDGED"
        assert (await vigie.post(f"{at}resolve/", {"note": "Failover"}))["status"] == "RESOLVED"
        around.slack.faults.end()
        async with asyncio.timeout(120):
            while not any("Failover" in one.words and one.is_reply for one in around.workspace.messages):
                await asyncio.sleep(0.1)
            while not (await vigie.get("/readyz"))["checks"]["slack"]["ok"]:
                await asyncio.sleep(0.1)
        assert await vigie.stop() == 0
    [card] = [one for one in around.workspace.messages_in("sre-incidents") if not one.is_reply]
    assert "is resolved" in card.text and not card.buttons
    lines = Counter(one.words for one in around.workspace.thread(card))
    assert set(lines.values()) == {1}, lines
    assert not around.workspace.refused
    assert "Traceback" not in log.read_text()
    await around.stop()


def _database(server: PostgreSQL) -> str:
    url = server.address(server.create())
    store = Store(url)
    schema.upgrade(store)
    store.close()
    return url


def _judge(day: Lived) -> None:
    assert not day.faults, "\n".join([*day.faults, day.said, *day.diary])
