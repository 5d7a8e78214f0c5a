"""A PostgreSQL that gives fewer connections than Vigie asks for: alerts that are taken page somebody all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.doctor.database import Database
from bot.doctor.findings import Verdict
from domain.errors import Unavailable
from storage.store import Transaction
from tests.world import World, read, world_on

POLICY = """
Policy: Climb
Default: true
Steps:
  1: {delay: 5 minutes, type: SMS, target: USER (ada), message: "{incident.title}"}
"""
USER = "of_few_connections"


@pytest.fixture
def scarce_url(postgresql_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database for a user who may have so many connections to it."""
    url = make_url(postgresql_url)
    engine = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as server:
        server.execute(text(f"CREATE ROLE {USER} LOGIN PASSWORD 'few' CONNECTION LIMIT {request.param}"))
        for what in ("TABLES", "SEQUENCES"):
            server.execute(text(f"GRANT ALL ON ALL {what} IN SCHEMA public TO {USER}"))
        yield url.set(username=USER, password="few").render_as_string(hide_password=False)
        server.execute(text(f"DROP OWNED BY {USER}"))
        server.execute(text(f"DROP ROLE {USER}"))
    engine.dispose()


@pytest.mark.parametrize("scarce_url", [4, 6], indirect=True)
async def test_a_page_leaves_where_connections_are_few(scarce_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with world_on(scarce_url, catalog=[read("alone.yaml"), POLICY]) as world:
        assert "fewer connections than Vigie may need" in caplog.text
        await world.alert("Down")
        await world.advance(minutes=6)
        world.phone("+33600000001").expect_sms("Down")
        world.expect_what_was_said()


@pytest.mark.parametrize("scarce_url", [20], indirect=True)
async def test_clicks_and_pages_go_on_where_others_were_quicker_after_a_restart(
    scarce_url: str, postgresql_url: str
) -> None:
    async with world_on(scarce_url, catalog=[read("alone.yaml"), POLICY]) as world:
        await world.alert("Down")
        await leave(postgresql_url, 4)
        async with asyncio.timeout(30):
            while not (await is_there(world) and world.app.sender.taking.presence.is_held):
                await asyncio.sleep(1)
        for _ in range(4 * 8):
            # More often than there are threads for each, so that every one of them has its turn.
            assert await world.app.store.act(one) == await world.app.store.read(one) == 1
        await world.advance(minutes=6)
        world.phone("+33600000001").expect_sms("Down")
        world.expect_what_was_said()


async def leave(postgresql_url: str, connections: int) -> None:
    """The server ends all of that user's, and gives no more than so many from then on."""

    def change() -> None:
        engine = create_engine(make_url(postgresql_url).set(drivername="postgresql+psycopg"))
        with engine.begin() as server:
            server.execute(text(f"ALTER ROLE {USER} CONNECTION LIMIT {connections}"))
        with engine.begin() as server:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :user"
            server.execute(text(ended), {"user": USER})
        engine.dispose()

    await asyncio.to_thread(change)


async def is_there(world: World) -> bool:
    """Whether the server has ended what it was told to, and is asked again."""
    try:
        return await world.app.store.read(one) == 1
    except Unavailable:
        return False


def one(tx: Transaction) -> int:
    return int(tx.execute(text("SELECT 1")).scalar_one())


@pytest.mark.parametrize("scarce_url", [1], indirect=True)
async def test_the_doctor_says_that_there_is_no_connection_left(scarce_url: str) -> None:
    database = Database(scarce_url)
    try:
        assert await database.stands()
        found = await database.server()
        assert found and found.verdict is Verdict.ERROR
        assert "no more connections" in found.what and "CONNECTION LIMIT" in found.remedy
    finally:
        await database.close()
