"""A click that gets no answer from what it asks: whoever clicked is told why, wherever they did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url

from tests.world import World, world_on


@contextmanager
def away(world: World, url: str) -> Iterator[None]:
    """The database takes no connection."""
    name = make_url(url).database
    server = make_url(url).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


async def test_whoever_clicks_while_the_database_is_away_is_told(postgresql_url: str) -> None:
    async with world_on(postgresql_url) as world:
        home, ada = await world.home("ada"), world.outside.slack.member("ada")
        with away(world, postgresql_url):
            await ada.click(home.view, "Policies")
            (told,) = await world.outside.workspace.wait_for(lambda: ada.direct_messages, what="why not")
        assert told.words == "The database does not answer; try again in a moment."
        await home.click("Policies")
        assert "Policies" in home.words and len(ada.direct_messages) == 1
        world.expect_what_was_said()
