"""A click that gets no answer from what it asks: whoever clicked is told why, wherever they did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
from sqlalchemy import make_url, update

from storage.catalog import table
from storage.incident_tables import IncidentRow
from tests.stories.modals import Modal
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


async def said(who: Modal, why: str) -> None:
    """The modal before somebody says why not."""
    await who.world.outside.workspace.wait_for(lambda: who.member.view and why in who.words, what=why)


async def test_a_step_is_not_said_to_be_gone_while_the_database_is_away(postgresql_url: str) -> None:
    async with world_on(postgresql_url) as world:
        await world.alert()
        step, ada = world.card().step(1), Modal(world, "ada")
        for button in ("Skip", "Problem"):
            with away(world, postgresql_url):
                await ada.member.click(step.message, button)
                await said(ada, "does not answer")
            await ada.member.close()
        old = replace(step.message)
        await step.click("Done", as_="john")
        await ada.member.click(old, "Skip")
        await said(ada, "already done by John Doe")
        world.expect_what_was_said()


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


async def test_whoever_clicks_on_what_can_not_be_read_is_told(database_url: str) -> None:
    async with world_on(database_url) as world:
        name = (await world.alert())["incident"]["id"]
        rows = table(IncidentRow)
        change = update(rows).where(rows.c.id == name).values(status="of another version")
        await world.app.store.write(lambda tx: tx.execute(change))
        await world.card("Redis").click("Acknowledge", as_="ada")
        await world.outside.workspace.wait_for(
            lambda: [said for said in world.whispers("ada") if "Vigie failed at this" in said], what="a word"
        )
        await world.app.store.write(lambda tx: tx.execute(change.values(status="TRIGGERED")))
        world.expect_what_was_said()
