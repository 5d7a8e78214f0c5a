"""A PostgreSQL that gives fewer connections than Vigie asks for: alerts that are taken page somebody all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.doctor.database import Database
from bot.doctor.findings import Verdict
from tests.world import read, world_on

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


@pytest.mark.parametrize("scarce_url", [1], indirect=True)
async def test_the_doctor_says_that_there_is_no_connection_left(scarce_url: str) -> None:
    database = Database(scarce_url)
    try:
        assert await database.stands()
        found = await database.server()
        assert found and found.verdict is Verdict.ERROR
        assert "has no connection left" in found.what and "max_connections" in found.remedy
    finally:
        await database.close()
