"""A start that waits for something says so, and is ended as what runs is: whoever deploys is not left to kill it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import Any

import psycopg
import pytest

from bot import process
from bot.demo.outside import Outside
from bot.opening import only_one
from bot.settings import Settings
from storage.store import Store
from tests.world import world_on

WAITING = b"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"


@pytest.mark.parametrize("table", ["credentials", "outages"])
async def test_one_that_finds_a_table_locked_before_and_after_it_listens(
    table: str, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        world_on(postgresql_url) as world,
        await psycopg.AsyncConnection.connect(postgresql_url) as somebody,
        asyncio.timeout(40),
    ):
        await somebody.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        starting = asyncio.create_task(process.run(world.app.settings))
        while not await _count(somebody, table):
            await asyncio.sleep(0.05)
        while "the start waits for the database, which gives no answer: end what else holds a lock" not in caplog.text:
            await asyncio.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)
        await starting
        await somebody.rollback()
        assert (await world.get("/readyz"))[0] == 200


async def test_one_on_a_file_whose_vigie_ends_goes_on_with_it(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    outside, ending = Outside(), Store(sqlite_url)
    await outside.start()
    environment: dict[str, Any] = {name.lower(): value for name, value in outside.environment().items()}
    lock = only_one(ending)
    assert lock
    starting = asyncio.create_task(process.run(Settings(database_url=sqlite_url, **environment | {"port": 0})))
    async with asyncio.timeout(40):
        for what, end in (("another Vigie runs on this SQLite file", lock.close), ("Vigie listens", ending.close)):
            while what not in caplog.text:
                await asyncio.sleep(0.05)
                assert not starting.done(), starting.exception()
            end()
        os.kill(os.getpid(), signal.SIGTERM)
        await starting
    await outside.stop()


async def _count(somebody: psycopg.AsyncConnection, table: str) -> int:
    row = await (await somebody.execute(WAITING, [table])).fetchone()
    return int(row[0]) if row else 0
