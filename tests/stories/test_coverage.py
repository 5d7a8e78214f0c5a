"""Holes in the next two weeks: said at Home to those who can mend them, in the API and in the figures."""

from __future__ import annotations

import asyncio
import gc

import pytest
from sqlalchemy import text

from storage import catalog
from storage.store import Transaction
from tests.world import World, read, world_on

ROTATION = "every: 1w, people: [john]"
WEEKENDS_OFF = "every: 1w, people: [john], hours: mon-fri 00:00-24:00"
ON_CALL_ALONE = """
Policy: Nights
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  1: {delay: 0, type: SLACK + SMS, target: ON_CALL}
"""


async def swept(world: World) -> None:
    await world.app.use_cases.coverage.sweep()
    await world.settle()


async def test_a_weekend_without_anybody_is_said_where_it_can_be_mended(database_url: str) -> None:
    catalog = [read("organisation.yaml").replace(ROTATION, WEEKENDS_OFF), ON_CALL_ALONE]
    async with world_on(database_url, catalog=catalog) as world:
        await swept(world)
        home = await world.home("ada")
        assert "SEV1 of redis-prod reaches nobody" in home.words.replace("SEV2 of redis-prod reaches nobody: ", "")
        assert "SEV2 of redis-prod reaches nobody: give it a policy that does" in home.words
        status, found = await world.get("/api/v1/coverage/")
        assert status == 200
        weekends = [one for one in found["results"] if one["severity"] == "SEV1_CRITICAL" and one["team"] == "SRE Core"]
        assert [one["cover"] for one in weekends] == ["nobody"] * len(weekends)
        assert len(weekends) in (2, 3)
        async with world.http.get("/metrics") as answer:
            assert 'vigie_coverage_holes{cover="nobody"}' in await answer.text()
        world.expect_what_was_said()


async def test_the_guide_s_people_are_told_nothing_of_what_is_fine(world: World) -> None:
    await swept(world)
    home = await world.home("john")
    status, found = await world.get("/api/v1/coverage/")
    assert status == 200
    mine = [one for one in found["results"] if one["team"] == "SRE Core" and one["severity"] == "SEV1_CRITICAL"]
    assert mine == []
    assert "SEV1 of" not in home.words


async def test_what_can_not_be_looked_at_is_not_swept_over_and_over(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with world_on(sqlite_url) as world:
        await world.settle()

        def damaged(tx: Transaction) -> None:
            tx.execute(text("ALTER TABLE channels RENAME TO gone"))
            catalog.touch(tx)

        await world.app.store.write(damaged)
        world.app.worker.wake()
        async with asyncio.timeout(10):
            while not any("can't be looked at" in one.getMessage() for one in caplog.records):
                await asyncio.sleep(0.02)
        world.app.worker.wake()
        await asyncio.sleep(1)
        gc.collect()
        said = [one.getMessage() for one in caplog.records if one.exc_info and one.exc_info[2] is not None]
        await world.app.store.write(lambda tx: tx.execute(text("ALTER TABLE gone RENAME TO channels")))
        assert said.count("who is reached can't be looked at; again in a minute") == 1
        assert "Task exception was never retrieved" not in said
