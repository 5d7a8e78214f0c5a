"""A database that takes nothing more: said aloud, nothing lost that was answered for, and it goes on by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from tests.world import World, alert_body, world_on

ENDED = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def send(world: World, number: int, service: str = "redis-prod") -> int:
    said = {"group": f"g{number}", "fingerprint": f"f{number}", "description": "x" * 3000}
    body = alert_body(f"Alert {number}", service=service, **said)
    return (await world.post(body))[0]


async def is_full(world: World, taken: list[int]) -> bool:
    """One alert more: whether it is refused and /readyz says why. It is `taken` while there is room, some of which
    what was sent meanwhile gives back."""
    status = await send(world, len(taken))
    if status == 202:
        taken.append(len(taken))
        return False
    assert status == 503
    status, said = await world.get("/readyz")
    return status == 503 and "disk is full" in said["checks"]["database"]["detail"]


async def eventually(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await is_so():
            await asyncio.sleep(0.05)


async def titles(world: World) -> set[str]:
    found: set[str] = set()
    address: str | None = "/api/v1/incidents/?page_size=100"
    while address:
        _, body = await world.get(address)
        found |= {one["title"] for one in body["results"]}
        address = body["next"]
    return found


async def is_ready(world: World) -> bool:
    return (await world.get("/readyz"))[0] == 200


async def goes_on(world: World, taken: list[int]) -> None:
    """What was answered for is there, and what comes now is taken, and shown in its channel."""
    await eventually(lambda: is_ready(world))
    assert await send(world, 1000, "api-gateway") == 202
    await world.settle()
    assert await titles(world) >= {f"Alert {number}" for number in [*taken, 1000]}
    world.card("Alert 1000", channel="platform-incidents")


def pragma(world: World, what: str) -> Awaitable[Any]:
    return world.app.store.write(lambda tx: tx.exec_driver_sql(f"PRAGMA {what}").scalar())


async def test_a_full_disk(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with world_on(sqlite_url) as world:
        pages = await pragma(world, "page_count")
        await pragma(world, f"max_page_count={pages + 40}")
        with caplog.at_level(logging.WARNING, "storage.store"):
            taken: list[int] = []
            await eventually(lambda: is_full(world, taken))
            assert taken, "a little of it fitted"
            assert "make room on its volume" in caplog.text
            await eventually(lambda: is_full(world, taken))
            times_over = caplog.text.count("takes what is written again")
            assert caplog.text.count("make room on its volume") == times_over + 1, "said once each time"
            await pragma(world, "max_page_count=1000000")
            await goes_on(world, taken)
            assert "takes what is written again" in caplog.text


async def test_a_file_that_may_only_be_read(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with world_on(sqlite_url) as world:
        assert await send(world, 1) == 202
        await world.settle()
        await world.app.store.write(lambda tx: tx.exec_driver_sql("PRAGMA query_only=ON"))
        assert await send(world, 2) == 503
        assert "let Vigie's user write the file" in caplog.text
        assert not await is_ready(world)
        async with world.http.get("/metrics") as answer:
            figures = await answer.text()
        assert "vigie_database_up 1.0" in figures and "vigie_database_writable 0.0" in figures
        assert (await world.get("/api/v1/incidents/"))[1]["count"] == 1, "it still tells what it knows"
        await asyncio.to_thread(may_write, world)
        await goes_on(world, [1])


def may_write(world: World) -> None:
    with world.app.store.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA query_only=OFF")  # type: ignore[union-attr]


async def test_a_primary_that_has_become_a_standby(postgresql_url: str, caplog: pytest.LogCaptureFixture) -> None:
    name = postgresql_url.partition("?")[0].rpartition("/")[2]
    async with world_on(postgresql_url) as world:
        assert await send(world, 1) == 202
        await world.settle()
        await only_read(world, name, "on")
        await eventually(lambda: refuses_and_says_so(world))
        assert "target_session_attrs=read-write" in caplog.text
        await only_read(world, name, "off")
        await goes_on(world, [1])


async def refuses_and_says_so(world: World) -> bool:
    return await send(world, 2) == 503 and "may only be read" in str((await world.get("/readyz"))[1])


async def only_read(world: World, name: str, word: str) -> None:
    """Whoever connects from now on may only read, or may write again."""

    def work() -> None:
        with world.app.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = {word}"))
            connection.execute(text(ENDED))
            connection.invalidate()

    await asyncio.to_thread(work)


async def test_a_database_whose_connections_all_end_while_alerts_come_in(postgresql_url: str) -> None:
    """What a restart and a failover look like from here: in the middle of transactions, again and again."""
    async with world_on(postgresql_url) as world:
        taken, number = [], 0
        for _ in range(5):
            ending = asyncio.create_task(asyncio.to_thread(end_all, world))
            for _ in range(12):
                number += 1
                if await send(world, number) == 202:
                    taken.append(number)
            await ending
        assert taken
        await goes_on(world, taken)
        cards = [one for one in world.outside.workspace.messages_in("sre-incidents") if not one.is_reply]
        shown = [one.words.split("\n")[0] for one in cards]
        assert len(shown) == len(set(shown)), "nothing is posted twice"


def end_all(world: World) -> None:
    with world.app.store.engine.connect() as connection:
        connection.execute(text(ENDED))
        connection.invalidate()
