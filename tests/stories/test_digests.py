"""The week's figures in a team's channel: on Mondays at nine, once, and only when there is something to tell."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import text

from bot.engine.digests import look
from storage.store import Store, Transaction
from tests.world import Shown, World, world_on

TEAM = """
people: [{handle: ada, name: Ada Admin, email: ada@example.com, slack: U01ADA, role: admin}]
teams: [{name: SRE Core, channel: '#sre-incidents', digest: true}]
services: [{name: redis-prod, team: SRE Core}]
"""
QUIET = TEAM.replace(", digest: true", "")


def until(now: datetime, weekday: int, hour: int) -> timedelta:
    """How long until a weekday's hour in UTC, the zone of a team that has none."""
    at = now.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=(weekday - now.weekday()) % 7)
    return at - now if at > now else at + timedelta(days=7) - now


async def reach(world: World, weekday: int, hour: int, minute: int = 0) -> None:
    length = until(world.clock.now(), weekday, hour) + timedelta(minutes=minute)
    await world.advance(seconds=length.total_seconds())


async def mended(world: World) -> Shown:
    """An incident that is taken after four minutes, and mended after ten more."""
    await world.alert()
    card = world.card("Redis Cluster Down")
    (one,) = (await world.get("/api/v1/incidents/?status=TRIGGERED"))[1]["results"]
    await world.advance(minutes=4)
    await world.post({}, f"/api/v1/incidents/{one['short_id']}/acknowledge/")
    await world.advance(minutes=10)
    await world.post({"resolution_note": "Restarted"}, f"/api/v1/incidents/{one['short_id']}/resolve/")
    await world.settle()
    world.expect_what_was_said()
    return card


def digests(world: World) -> list[str]:
    messages = world.outside.workspace.messages_in("sre-incidents")
    return [one.words for one in messages if "The week of" in one.words]


async def test_on_monday_at_nine_and_once(database_url: str) -> None:
    async with world_on(database_url, catalog=[TEAM]) as world:
        await reach(world, weekday=2, hour=12)
        await mended(world)
        await reach(world, weekday=0, hour=8, minute=58)
        assert digests(world) == []
        await world.advance(minutes=3)
        said = world.card("The week of SRE Core").words
        assert "1 incident (SEV1: 1) · 0 the week before" in said
        assert "Acknowledged after (MTTA): 4 min in the middle" in said
        assert "Resolved after (MTTR): 14 min in the middle" in said
        # Another process, or this one after a crash, looks again: it has been told.
        await world.app.store.write(lambda tx: look(tx, world.clock.now()))
        await world.load([TEAM.replace("Ada Admin", "Ada")])
        await world.advance(minutes=30)
        assert len(digests(world)) == 1
        # A week without incidents says nothing.
        await reach(world, weekday=0, hour=10)
        assert len(digests(world)) == 1
        world.finish()


async def test_a_vigie_that_was_down_tells_it_the_same_day_and_not_later(database_url: str) -> None:
    async with world_on(database_url, catalog=[TEAM]) as world:
        await reach(world, weekday=2, hour=12)
        await mended(world)
        late = world.clock.now() + until(world.clock.now(), 1, 9) + timedelta(minutes=1)
        await world.app.store.write(lambda tx: look(tx, late))
        await world.settle()
        assert digests(world) == []
        await reach(world, weekday=0, hour=20)
        world.card("The week of SRE Core")
        world.finish()


async def test_no_team_reads_it_that_did_not_ask(database_url: str) -> None:
    async with world_on(database_url, catalog=[QUIET]) as world:
        await reach(world, weekday=2, hour=12)
        await mended(world)
        await reach(world, weekday=0, hour=10)
        assert digests(world) == []
        world.finish()


async def test_an_admin_turns_it_on_in_the_form(database_url: str) -> None:
    async with world_on(database_url, catalog=[QUIET]) as world:
        home = await world.home("ada")
        await home.click("Teams")
        await home.click("Open")
        ada = world.outside.slack.member("ada")
        view = await world.outside.workspace.wait_for(
            lambda: ada.view if ada.view and "Edit" in str(ada.view.body["blocks"]) else None, what="the team"
        )
        await ada.click(view, "Edit")
        await world.settle()
        assert "Every Monday" in str((await world.form("ada", "Edit the team")).body["blocks"])
        outcome = await world.submit("ada", "Edit the team", {"digest": "digest"})
        assert not outcome.errors
        rows = await world.app.store.read(lambda tx: tx.execute(text("SELECT digest FROM teams WHERE digest")).all())
        assert len(rows) == 1
        await ada.close(everything=True)
        world.finish()


async def test_processes_that_look_at_once_tell_it_once(database_url: str) -> None:
    async with world_on(database_url, catalog=[TEAM]) as world:
        await reach(world, weekday=2, hour=12)
        await mended(world)
        monday = world.clock.now() + until(world.clock.now(), 0, 9) + timedelta(minutes=1)
        others = [Store(database_url) for _ in range(4)]

        def work(tx: Transaction) -> None:
            look(tx, monday)

        with ThreadPoolExecutor(4) as threads:
            await asyncio.gather(
                *(asyncio.get_running_loop().run_in_executor(threads, other.write_now, work) for other in others)
            )
        for other in others:
            other.close()
        await reach(world, weekday=0, hour=9, minute=5)
        assert len(digests(world)) == 1
        world.expect_what_was_said()
        world.finish()
