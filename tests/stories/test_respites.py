""" "Acknowledge all" takes its incidents a few at a time: no page about the others leaves meanwhile, and none is lost
when it is stopped in between."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.demo.records import Message
from domain.policies import Channel
from domain.storms import Bundle
from handlers.storms.service import AT_ONCE, StormService
from storage import outbox, respites, storms
from storage.outbox import Kind, Parcel
from storage.parcels import TEXTS
from storage.store import Transaction
from tests.world import TESTER, World, alert_body, world_on

JOHN = "+33600000002"
ORGANISATION = """
people:
  - {handle: john, name: John Doe, slack: U02JOHN, phone: "+33600000002"}
teams:
  - name: SRE Core
    channel: "#sre-incidents"
    lead: john
    members: [john]
    on_call: {rotations: [{name: primary, start: "2026-01-05T09:00", every: 1w, people: [john]}]}
services: [{name: redis-prod, team: SRE Core}]
"""
POLICY = """
Policy: Texts
Default: true
Steps:
  1: {delay: 0 minutes, type: SMS, target: ON_CALL}
  2: {delay: 1 minute, type: SMS, target: ON_CALL}
"""


class Killed(Exception):
    """The process is no more."""


def killed() -> None:
    raise Killed


class Coming:
    """An alert that comes in each time that some are taken; it is on the disk before the next are."""

    def __init__(self, world: World, start: int) -> None:
        self._world = world
        self._start = start
        self.under_way: list[asyncio.Task[Any]] = []

    def meanwhile(self) -> None:
        number = self._start + len(self.under_way)
        self.under_way.append(asyncio.ensure_future(self._world.post(_body(number))))


def _body(number: int) -> dict[str, Any]:
    return alert_body(f"Down {number}", group=f"g{number}", fingerprint=f"f{number}", severity="warning")


async def fire(world: World, count: int, start: int = 0) -> list[str]:
    """That many incidents: their ids."""
    found = []
    for number in range(start, start + count):
        status, said = await world.post(_body(number))
        assert status == 202
        found.append(said["incident"]["id"])
    await world.settle()
    return found


async def paged_again(world: World, ids: list[str]) -> list[str]:
    """The incidents of these whose second step was taken."""
    return [one for one in ids if (await world.get(f"/api/v1/incidents/{one}/notifications/"))[1]["count"] > 1]


async def test_nobody_is_called_about_those_that_are_not_taken_yet(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, POLICY]) as world:
        ids = await fire(world, 2 + AT_ONCE + 10)
        await world.advance(seconds=16)
        assert "35 incidents want you" in world.phone(JOHN).texts[-1].text
        await world.advance(seconds=30)
        gathered = text("SELECT id FROM bundles WHERE channel = 'SMS'")
        bundle = await world.app.store.read(lambda tx: tx.execute(gathered).scalar_one())
        with pytest.raises(Killed):
            await StormService(world.app.store, world.clock, killed).acknowledge_all(bundle, TESTER)
        await world.advance(seconds=20)
        assert await paged_again(world, ids) == ids[:2], "which are not in that message"
        await world.advance(seconds=45)
        again = await paged_again(world, ids)
        assert len(again) == 2 + 10, "those that nobody has, since it was stopped"
        await StormService(world.app.store, world.clock, world.app.worker.wake).acknowledge_all(bundle, TESTER)
        await world.advance(minutes=20)
        assert await paged_again(world, ids) == again
        world.expect_what_was_said()


async def test_what_joins_a_message_of_which_all_was_taken_does_not_wait_for_that(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, POLICY]) as world:
        await fire(world, 2 + 10)
        gathered = text("SELECT id FROM bundles WHERE channel = 'SMS'")
        bundle = await world.app.store.read(lambda tx: tx.execute(gathered).scalar_one())
        assert await StormService(world.app.store, world.clock, world.app.worker.wake).acknowledge_all(bundle, TESTER)
        await fire(world, 1, start=50)
        await world.advance(seconds=20)
        assert "Down 50" in world.phone(JOHN).texts[-1].text
        world.expect_what_was_said()


async def test_what_comes_while_all_is_taken_is_nobodys(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, POLICY]) as world:
        ids = await fire(world, 20 + 2 * AT_ONCE)
        gathered = text("SELECT id FROM bundles WHERE is_digest")
        digest = await world.app.store.read(lambda tx: tx.execute(gathered).scalar_one())
        came = Coming(world, 100)
        taken = await StormService(world.app.store, world.clock, came.meanwhile).acknowledge_all(digest, TESTER)
        assert taken == 2 * AT_ONCE and len(came.under_way) == 2
        fresh = [said["incident"]["id"] for _, said in await asyncio.gather(*came.under_way)]
        await world.settle()
        statuses = [(await world.get(f"/api/v1/incidents/{one}/"))[1]["status"] for one in [*fresh, ids[-1]]]
        assert statuses == ["TRIGGERED", "TRIGGERED", "ACKNOWLEDGED"]
        await world.advance(seconds=31)
        for one in fresh:
            _, pages = await world.get(f"/api/v1/incidents/{one}/notifications/")
            assert pages["results"][0]["sent_at"], "it waits for nothing that is taken"
        world.expect_what_was_said()


async def test_whoever_presses_takes_what_they_were_shown(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, POLICY]) as world:
        ids = await fire(world, 20 + 5)
        [told] = [one for one in world.outside.workspace.messages_in("sre-incidents") if "torm" in one.words[:20]]
        async with asyncio.timeout(30):
            while "5 that nobody has" not in told.words:
                await world.advance(seconds=1)
        seen = Message(told.channel, told.ts, told.user, told.text, told.blocks)
        fresh = await fire(world, 2, start=100)
        await world.outside.slack.member("john").click(seen, "Acknowledge all", confirm=True)
        await world.settle()
        assert "5 incidents are yours" in world.whispers("john")[-1]
        statuses = [(await world.get(f"/api/v1/incidents/{one}/"))[1]["status"] for one in [ids[-1], *fresh]]
        assert statuses == ["ACKNOWLEDGED", "TRIGGERED", "TRIGGERED"]
        world.expect_what_was_said()


async def test_what_waits_about_others_leaves_when_it_was_to(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION]) as world:
        ids = await fire(world, 4)
        taken = await world.post({}, f"/api/v1/incidents/{ids[3]}/acknowledge/")
        assert taken[0] == 200
        await world.settle()
        soon, later = world.clock.now() + timedelta(seconds=20), world.clock.now() + timedelta(seconds=50)
        await world.app.store.write(lambda tx: _wait(tx, ids, soon))
        await world.app.store.write(lambda tx: respites.give(tx, ids[:2], later))
        moments = await world.app.store.write(lambda tx: {one.subject: one.due_at for one in _due(tx, later)})
        assert moments == {"theirs": later, "other": soon, "gathers": later, "mixed": soon, "empty": soon}
        await world.app.store.write(lambda tx: outbox.finish(tx, [one.id for one in _due(tx, later)]))
        world.expect_what_was_said()


def _due(tx: Transaction, now: datetime) -> list[Parcel]:
    return outbox.due(tx, now, 99, TEXTS)


def _wait(tx: Transaction, ids: list[str], due_at: datetime) -> None:
    """Two incidents are being taken; a page of one waits, a page of a third, and messages without and with that. A
    fourth is somebody's, with all of a message."""
    members = {"taken": ids[:2], "gathers": ids[:1], "mixed": ids[1:3], "empty": ids[3:]}
    for name in members:
        bundle = Bundle(id=name, is_digest=False, channel=Channel.SMS, address=JOHN, opened_at=due_at, joined_at=due_at)
        storms.open_bundle(tx, bundle, name)
        storms.join(tx, [(name, one, f"{name} {one}") for one in members[name]], due_at)
    waiting = [(Kind.PAGE, ids[0], "theirs"), (Kind.PAGE, ids[2], "other")]
    waiting += [(Kind.BUNDLE, "", "gathers"), (Kind.BUNDLE, "", "mixed"), (Kind.BUNDLE, "", "empty")]
    outbox.put(tx, [Parcel(kind=kind, incident=of, subject=it, due_at=due_at, lane=TEXTS) for kind, of, it in waiting])
