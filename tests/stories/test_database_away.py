"""A PostgreSQL that crashes under load, or is busy with something else: nothing hangs, is lost or comes twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from sqlalchemy import text

from domain.storms import limits_of
from storage import schema
from storage.store import PROMPTLY_SECONDS, Store, Transaction
from tests.postgresql import DURABLE, PostgreSQL
from tests.stories.test_full_disk import eventually
from tests.world import World, alert_body, read, world_on

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
POLICY = """
Policy: Climb
Default: true
Steps:
  1: {delay: 0 minutes, type: SMS, target: USER (ada), message: "{incident.title} first"}
  2: {delay: 5 minutes, type: SMS, target: USER (ada), message: "{incident.title} second"}
"""
PROMPT = PROMPTLY_SECONDS + 4
"""Seconds that an answer takes at the most, on a machine that has other things to do."""


@pytest.fixture
def server() -> Iterator[PostgreSQL]:
    """One that this test may crash: what it has said to be written is on its disk."""
    made = PostgreSQL(DURABLE)
    yield made
    made.stop()


@dataclass(slots=True)
class Load:
    """Alerts, one after the other, as long as it goes on."""

    world: World
    taken: list[str] = field(default_factory=list)
    refused: int = 0
    slowest: float = 0.0
    is_over: bool = False

    async def run(self) -> None:
        """Until somebody stops it, or an answer is none that there should be."""
        try:
            await self._send_all()
        finally:
            self.is_over = True

    async def _send_all(self, seconds_apart: float = 0.1) -> None:
        loop, number = asyncio.get_running_loop(), 0
        while True:
            number += 1
            begun, name = loop.time(), f"Alert-{number}-"
            status, headers = await self._send(name, number)
            self.slowest = max(self.slowest, loop.time() - begun)
            if status == 202:
                self.taken.append(name)
            else:
                assert status == 503 and int(headers["Retry-After"]) > 0, (status, headers)
                self.refused += 1
            await asyncio.sleep(seconds_apart)

    async def _send(self, name: str, number: int) -> tuple[int, dict[str, str]]:
        body = alert_body(name, group=f"g{number}", fingerprint=f"f{number}")
        headers = {"Authorization": f"Token {self.world.token}"}
        async with self.world.http.post("/api/v1/webhooks/alertmanager/", json=body, headers=headers) as answer:
            return answer.status, dict(answer.headers)


@asynccontextmanager
async def under_load(world: World) -> AsyncIterator[Load]:
    load = Load(world)
    running = asyncio.create_task(load.run())
    try:
        yield load
    finally:
        running.cancel()
        await asyncio.wait({running})
        assert running.cancelled(), running.exception()


async def until(load: Load, taken: int = 0, refused: int = 0) -> None:
    taken, refused = len(load.taken) + taken, load.refused + refused
    async with asyncio.timeout(120):
        while len(load.taken) < taken or load.refused < refused:
            assert not load.is_over
            await asyncio.sleep(0.05)


async def answers(world: World) -> bool:
    """Whether Vigie says that its database does."""
    return bool((await world.get("/readyz"))[1]["checks"]["database"]["ok"])


async def is_paged(world: World) -> bool:
    return bool(world.outside.ovh.inbox.messages)


async def pages(world: World) -> Counter[str]:
    """How often each step of each alert was sent."""
    texts = [sms.text for sms in world.outside.ovh.inbox.messages]
    return Counter(f"{one.split('Alert-')[1].split('-')[0]} {'second' in one}" for one in texts)


async def test_a_server_that_crashes_under_load(server: PostgreSQL, caplog: pytest.LogCaptureFixture) -> None:
    url = server.address(server.create())
    store = Store(url)
    schema.upgrade(store)
    store.close()
    async with world_on(url, catalog=[read("alone.yaml"), POLICY], page_limits=limits_of("off")) as world:
        async with under_load(world) as load:
            for _ in range(2):
                await until(load, taken=5)
                await asyncio.to_thread(server.crash)
                await until(load, refused=3)
                status, said = await world.get("/readyz")
                assert status == 503 and not said["checks"]["database"]["ok"]
                # Second steps of what was taken before fall due meanwhile.
                world.clock.push(timedelta(minutes=6))
                await asyncio.to_thread(server.start)
                await eventually(lambda: answers(world))
                await until(load, taken=3)
        assert load.slowest < PROMPT
        await world.advance(minutes=6)
        # Who is reached by both steps at once after the outage gets one message.
        wanted = {f"{name.split('-')[1]} True" for name in load.taken}

        async def all_paged() -> bool:
            await world.settle()
            return wanted <= set(await pages(world))

        await eventually(all_paged)
        doubled = {page: times for page, times in (await pages(world)).items() if times > 1}
        assert not doubled
        assert not world.app.worker.faults, "that the database is away is no fault of the engine's"
        assert "Traceback" not in caplog.text, "and no news each second"
        assert caplog.text.count("this process to the others was lost") <= 4, "once each time"
        world.expect_what_was_said()


async def test_a_click_is_kept_while_others_have_all_the_rest_of_the_connections(server: PostgreSQL) -> None:
    """Whoever came first has theirs: an acknowledgement is not the first to ask for one when there is none left."""
    url = server.address(server.create())
    store = Store(url)
    schema.upgrade(store)
    store.close()
    async with world_on(url, catalog=[read("alone.yaml"), POLICY], page_limits=limits_of("off")) as world:
        await world.alert("Alert-1-")
        async with AsyncExitStack() as others:
            with suppress(psycopg.OperationalError):
                while True:
                    await others.enter_async_context(await psycopg.AsyncConnection.connect(url))
            await world.card("Alert-1-").click("Acknowledge", as_="ada")
        assert not [page for page in await pages(world) if "True" in page]
        await world.advance(minutes=6)
        assert set(await pages(world)) == {"1 False"}, "no page after the acknowledgement"
        world.expect_what_was_said()


async def test_slow_looks_hold_up_no_page(postgresql_url: str) -> None:
    async with world_on(postgresql_url, catalog=[read("alone.yaml"), POLICY], page_limits=limits_of("off")) as world:
        slow = [asyncio.create_task(world.app.store.browse(partial(sleep, 12))) for _ in range(8)]
        begun = asyncio.get_running_loop().time()
        assert (await world.post(alert_body("Alert-1-")))[0] == 202
        await eventually(lambda: is_paged(world))
        assert asyncio.get_running_loop().time() - begun < 12 and not any(task.done() for task in slow)
        for task in slow:
            task.cancel()
        await world.app.store.write(end_the_others)
        await asyncio.wait(slow)
        world.expect_what_was_said()


async def test_a_database_that_is_busy_is_said_to_be_and_goes_on(postgresql_url: str) -> None:
    """Somebody changes a table by hand: whoever sends an alert is not kept waiting, and nothing is lost or doubled."""
    async with world_on(postgresql_url, catalog=[read("alone.yaml"), POLICY], page_limits=limits_of("off")) as world:
        await world.alert("Alert-0-")
        async with await psycopg.AsyncConnection.connect(postgresql_url) as somebody:
            await somebody.execute("LOCK TABLE incidents IN ACCESS EXCLUSIVE MODE")
            async with under_load(world) as load:
                await until(load, refused=2)
                await somebody.rollback()
                await until(load, taken=2)
        assert load.slowest < PROMPT

        async def all_paged() -> bool:
            await world.settle()
            return {f"{name.split('-')[1]} False" for name in load.taken} <= set(await pages(world))

        await eventually(all_paged)
        assert set((await pages(world)).values()) == {1} and not world.app.worker.faults
        world.expect_what_was_said()


def sleep(seconds: float, tx: Transaction) -> None:
    tx.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})


def end_the_others(tx: Transaction) -> None:
    tx.execute(text("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"))


async def test_tables_that_are_out_of_sight_for_a_while_lose_and_double_nothing(
    postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A copy is put back, or the search_path of Vigie's user is another."""
    async with (
        world_on(postgresql_url, catalog=[read("alone.yaml"), POLICY], page_limits=limits_of("off")) as world,
        await psycopg.AsyncConnection.connect(postgresql_url, autocommit=True) as somebody,
    ):
        async with under_load(world) as load:
            await until(load, taken=3)
            await somebody.execute("ALTER SCHEMA public RENAME TO elsewhere")
            await until(load, refused=3)
            status, said = await world.get("/readyz")
            assert status == 503 and "does not show Vigie's tables" in said["checks"]["database"]["detail"]
            await somebody.execute("ALTER SCHEMA elsewhere RENAME TO public")
            await until(load, taken=3)

        async def all_paged() -> bool:
            await world.settle()
            return {f"{name.split('-')[1]} False" for name in load.taken} <= set(await pages(world))

        await eventually(all_paged)
        assert not [page for page, times in (await pages(world)).items() if times > 1]
        assert not world.app.worker.faults and "Traceback" not in caplog.text
        world.expect_what_was_said()


async def test_a_copy_that_is_being_put_back_is_worked_on_once_it_is_whole(postgresql_url: str) -> None:
    """Its tables are there before their rows: a tool whose token seems unknown (401) would not send its alert again,
    and what is written meanwhile would keep the copy's keys from being made."""
    async with (
        world_on(postgresql_url, catalog=[read("alone.yaml"), POLICY], page_limits=limits_of("off")) as world,
        await psycopg.AsyncConnection.connect(postgresql_url, autocommit=True) as somebody,
    ):
        await world.alert("Alert-1-")
        await somebody.execute("ALTER TABLE tokens RENAME TO filled; CREATE TABLE tokens (LIKE filled)")
        world.app.store.engine.dispose()
        assert (await world.post(alert_body("Alert-2-", group="g2", fingerprint="f2")))[0] == 503
        status, said = await world.get("/readyz")
        assert status == 503 and 'table "tokens" has no primary key' in said["checks"]["database"]["detail"]
        await somebody.execute("DROP TABLE tokens; ALTER TABLE filled RENAME TO tokens")
        assert (await world.post(alert_body("Alert-2-", group="g2", fingerprint="f2")))[0] == 202
        await eventually(lambda: has_paged(world, {"1 False", "2 False"}))
        assert not world.app.worker.faults
        world.expect_what_was_said()


async def test_a_column_that_becomes_of_another_type_loses_no_page(postgresql_url: str) -> None:
    """What was prepared before is refused once on each connection."""
    async with world_on(postgresql_url, catalog=[read("alone.yaml"), POLICY], page_limits=limits_of("off")) as world:
        for number in range(20):
            if number == 12:
                async with await psycopg.AsyncConnection.connect(postgresql_url, autocommit=True) as somebody:
                    await somebody.execute("ALTER TABLE outbox ALTER COLUMN attempts TYPE bigint")
            body = alert_body(f"Alert-{number}-", group=f"g{number}", fingerprint=f"f{number}")
            while (await world.post(body))[0] != 202:
                await world.settle()
            await eventually(partial(has_paged, world, {f"{number} False"}))
        assert not world.app.worker.faults
        world.expect_what_was_said()


async def test_numbers_that_rows_have_already_are_red_and_no_page_fails_or_comes_twice(postgresql_url: str) -> None:
    """A server that was moved by logical replication has its rows, and its sequences where they began."""
    async with (
        world_on(postgresql_url, catalog=[read("alone.yaml"), POLICY], page_limits=limits_of("off")) as world,
        await psycopg.AsyncConnection.connect(postgresql_url, autocommit=True) as somebody,
    ):
        await world.alert("Alert-1-")
        await somebody.execute(
            "INSERT INTO notification_attempts (id, notification, number, started_at, outcome, reason) SELECT id + n, "
            "notification, number, started_at, outcome, reason FROM notification_attempts, generate_series(1, 500) AS n"
        )
        await somebody.execute("SELECT setval('notification_attempts_id_seq', 1)")
        assert (await world.post(alert_body("Alert-2-", group="g2", fingerprint="f2")))[0] == 202
        await eventually(lambda: is_red_for(world, "notification_attempts_pkey"))
        await somebody.execute("SELECT setval('notification_attempts_id_seq', max(id)) FROM notification_attempts")
        await eventually(lambda: has_paged(world, {"2 False"}))
        await eventually(lambda: is_written_down(world))
        assert set((await pages(world)).values()) == {1} and not world.app.worker.faults
        world.expect_what_was_said()


async def is_red_for(world: World, what: str) -> bool:
    found = (await world.get("/readyz"))[1]["checks"]["database"]
    return not found["ok"] and what in found["detail"]


async def is_written_down(world: World) -> bool:
    """Whether each page has its receipt."""
    states = text("SELECT DISTINCT state FROM notifications")
    return await world.app.store.read(lambda tx: tx.execute(states).scalars().all()) == ["sent"]


async def has_paged(world: World, wanted: set[str]) -> bool:
    await world.settle()
    return wanted <= set(await pages(world))
