"""Slack's real rates, against a Slack that holds them: pages find room, a hundred changes are few edits, and a method
that is told to rest rests alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from sqlalchemy import event, text

from bot.demo.records import Call
from storage import messages, outbox
from storage.outbox import Kind, Parcel
from storage.store import Transaction
from tests.world import World, alert_body, world_on

POLICY = """
Policy: Direct messages
Default: true
Steps:
  1: {delay: 0 minutes, type: SLACK, target: ON_CALL, message: "wake up {incident.short_id}"}
"""
ORGANISATION = """
people:
  - {handle: ada, name: Ada Admin, slack: U01ADA, role: admin}
  - {handle: john, name: John Doe, slack: U02JOHN}
teams:
  - {name: SRE Core, channel: "#sre-incidents", lead: ada, members: [ada, john],
     on_call: {rotations: [{name: primary, start: "2026-01-05T09:00", every: 1w, people: [john]}]}}
services: [{name: redis-prod, team: SRE Core}]
"""


def calls(world: World, method: str) -> list[Call]:
    return world.outside.workspace.calls_to(method)


async def until(what: Callable[[], bool], seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.02)


async def test_a_hundred_changes_of_a_card_are_few_edits(sqlite_url: str) -> None:
    async with world_on(sqlite_url, is_limited=True) as world:
        await world.post(alert_body(fingerprint="f0"))
        await until(lambda: bool(world.outside.workspace.messages_in("sre-incidents")))
        before = len(calls(world, "chat.update"))
        bodies = [alert_body(fingerprint=f"f{number}") for number in range(1, 101)]
        for body in bodies:
            assert (await world.post(body))[0] == 202
        card = world.card()
        await until(lambda: "101" in card.words)
        made = [call for call in calls(world, "chat.update")[before:] if call.args.get("ts") == card.message.ts]
        took = made[-1].at - made[0].at if made else 0
        assert 1 <= len(made) <= took + 2, f"{len(made)} edits in {took:.1f} s"
        assert not [call for call in world.outside.workspace.calls if call.status == 429]


async def test_a_page_overtakes_a_full_channel_and_full_edits(sqlite_url: str) -> None:
    """Hundreds of lines and edits wait; a direct message leaves at once, and so does what somebody clicked for."""
    async with world_on(sqlite_url, catalog=[ORGANISATION, POLICY], is_limited=True) as world:
        first = (await world.post(alert_body(group="g0", fingerprint="f0")))[1]["incident"]["id"]
        await until(lambda: bool(world.outside.slack.member("john").direct_messages))
        await world.app.store.write(lambda tx: _crowd(tx, world, first))
        world.app.worker.wake()
        started = asyncio.get_running_loop().time()
        second = (await world.post(alert_body(group="g1", fingerprint="f1")))[1]["incident"]
        john = world.outside.slack.member("john")
        await until(lambda: any(second["short_id"] in one.words for one in john.direct_messages))
        assert asyncio.get_running_loop().time() - started < 3
        channel = world.outside.workspace.messages_in
        await until(lambda: any(second["short_id"] in one.words for one in channel("sre-incidents")))
        assert asyncio.get_running_loop().time() - started < 5
        card = world.card(second["short_id"])
        await john.click(card.message, "Acknowledge")
        clicked = asyncio.get_running_loop().time()
        await until(lambda: "<@U02JOHN>" in card.words)
        assert asyncio.get_running_loop().time() - clicked < 3
        assert not [call for call in world.outside.workspace.calls if call.status == 429]


def _crowd(tx: Transaction, world: World, incident: str) -> None:
    """What waits behind a busy hour: edits of messages that are no more."""
    now = world.clock.now()
    edits = [
        Parcel(kind=Kind.COPY, incident=incident, subject=f"none-{number}", due_at=now, lane=outbox.EDITS)
        for number in range(300)
    ]
    lane = outbox.posts("sre-incidents")
    lines = [
        Parcel(kind=Kind.LINE, incident=incident, subject=f"none-{number}", due_at=now, lane=lane)
        for number in range(300)
    ]
    outbox.put(tx, [*edits, *lines])


async def test_a_method_told_to_rest_rests_alone(sqlite_url: str) -> None:
    async with world_on(sqlite_url, is_limited=True) as world:
        slack = world.outside.slack
        await world.post(alert_body(group="g0", fingerprint="f0"))
        await until(lambda: bool(world.outside.workspace.messages_in("sre-incidents")))
        slack.rate_limit_next("chat.update", 3)
        await world.post(alert_body(group="g0", fingerprint="f1"))
        await until(lambda: any(call.status == 429 for call in calls(world, "chat.update")))
        rested = next(call.at for call in calls(world, "chat.update") if call.status == 429)
        short_id = (await world.post(alert_body("Disk full", group="g2", fingerprint="f2")))[1]["incident"]["short_id"]
        await until(lambda: any(short_id in one.words for one in world.outside.workspace.messages_in("sre-incidents")))
        posted = max(call.at for call in calls(world, "chat.postMessage") if not call.error)
        card = world.card("Redis Cluster Down")
        await until(lambda: card.message.edits > 0)
        again = [call.at for call in calls(world, "chat.update") if call.at > rested]
        assert again[0] - rested >= 2.9
        assert posted - rested < 2.9


async def test_no_edit_is_asked_for_a_page_without_a_message_of_its_own(world: World) -> None:
    await world.alert()
    card = world.card()
    await world.advance(minutes=5)
    edited: list[str] = []

    def note(*told: object) -> None:
        edited.extend(re.findall(r"copy:([0-9a-f-]+)", str(told[3])))

    event.listen(world.app.store.engine, "before_cursor_execute", note)
    await card.click("Acknowledge", as_="john")
    await world.settle()
    places = await world.app.store.read(lambda tx: messages.of_incidents(tx, [_incident(tx)]))
    assert set(edited) <= {key.removeprefix("page:") for key in places}
    world.expect_what_was_said()
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}


def _incident(tx: Transaction) -> str:
    return str(tx.execute(text("SELECT id FROM incidents")).scalar_one())
