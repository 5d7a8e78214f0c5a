"""Several Vigies on one PostgreSQL: what one takes in another sends at once, and what falls due happens once."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.app import App
from bot.demo.outside import Outside
from bot.demo.rates import RateLimits
from bot.engine.ticks import SWEEP_SECONDS
from domain.outages import Part
from storage import outages
from storage.catalog import table
from storage.outbox_tables import OutboxRow
from storage.store import Transaction
from tests.stories.process import Process, kill_what_is_left
from tests.world import PAYLOADS, UNLIMITED, World, alert_body, world_on

ROUND_ROBIN = """
people:
  - {handle: ada, name: Ada, phone: "+33600000001", slack: U01ADA, role: admin}
  - {handle: john, name: John, phone: "+33600000002", slack: U02JOHN}
teams:
  - name: SRE Core
    channel: "#sre-incidents"
    lead: ada
    members: [ada, john]
    digest: true
    on_call: {timezone: UTC, rotations: [{name: primary, start: "2026-01-05T09:00", every: 1d, people: [ada, john]}]}
services: [{name: redis-prod, team: SRE Core}]
heartbeats: [{name: backup, service: redis-prod, every: 30h}]
---
Policy: Climb
Default: true
Steps:
  1: {delay: 0 minutes, type: SLACK, target: "CHANNEL (#sre-incidents)", message: "look"}
  2: {delay: 5 minutes, type: SLACK + SMS, target: ON_CALL, message: "wake up"}
"""
AT_ONCE = """
Policy: Now
Default: true
Steps:
  1: {delay: 0 minutes, type: SMS, target: ON_CALL, message: "now"}
"""


@asynccontextmanager
async def another(world: World) -> AsyncIterator[App]:
    """One more process, in this one."""
    app = App(world.app.settings, world.clock, UNLIMITED)
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


@pytest.fixture
async def pair(postgresql_url: str) -> AsyncIterator[tuple[World, App]]:
    async with world_on(postgresql_url, catalog=[ROUND_ROBIN]) as world, another(world) as app:
        yield world, app


async def test_what_one_takes_in_another_sends_without_having_looked_for_it(pair: tuple[World, App]) -> None:
    world, _ = pair
    # This one takes alerts in, and does nothing more with them.
    world.app.worker.stop()
    await world.app._engine
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert (await world.post(alert_body()))[0] == 202
    await world.outside.workspace.wait_for(
        lambda: next((one for one in world.outside.workspace.messages_in("sre-incidents")), None), what="the card"
    )
    assert loop.time() - begun < SWEEP_SECONDS / 2, "it was told, and did not wait for its next look"


async def test_what_falls_due_in_both_happens_once(pair: tuple[World, App]) -> None:
    world, other = pair
    for day in range(9):
        world.clock.push(timedelta(days=1))
        for app in (world.app, other):
            app.worker.look()
        await world.settle()
        await both_rest(world, other)
        body = alert_body(f"Night {day}", group=f"g{day}", fingerprint=f"f{day}")
        assert (await world.post(body))[0] == 202
        world.clock.push(timedelta(minutes=6))
        for app in (world.app, other):
            app.worker.look()
        await both_rest(world, other)
    slack = world.outside.workspace
    cards = Counter(one.words.split("\n")[0] for one in slack.messages_in("sre-incidents") if not one.is_reply)
    doubled = [words for words, times in cards.items() if times > 1]
    assert not doubled
    assert sum("Night" in words for words in cards) == 9
    digests = [words for words in cards if "week" in words.lower()]
    # Nine days have one Monday morning or two; a week told twice is doubled.
    assert len(digests) in (1, 2), list(cards)
    assert sum("backup" in words for words in cards) == 1
    pages = Counter(sms.text for sms in world.outside.ovh.inbox.messages)
    assert set(pages.values()) == {1} and len(pages) >= 9
    for name in ("ada", "john"):
        told = Counter(one.words for one in world.outside.slack.member(name).direct_messages)
        assert not [words for words, times in told.items() if times > 2 and "on call" in words], told
    assert not slack.refused
    assert not world.app.worker.faults and not other.worker.faults


async def both_rest(world: World, other: App) -> None:
    """Until neither has anything to do."""
    async with asyncio.timeout(60):
        quiet = 0
        while quiet < 6:
            await world.settle()
            await asyncio.sleep(0.02)
            quiet = 0 if other.store.under_way or other.sender.in_flight else quiet + 1


async def test_one_that_looked_for_a_card_for_long_does_not_post_what_another_has_taken_over(
    pair: tuple[World, App],
) -> None:
    """Its connection to the database was lost meanwhile, and with it its name."""
    world, _ = pair
    world.refusals.add("internal_error")
    slack = world.outside.slack
    slack.fail_next("chat.postMessage", "internal_error")
    slack.delay("conversations.history", 2.0)
    slack.delay("conversations.replies", 2.0)
    assert (await world.post(alert_body()))[0] == 202
    async with asyncio.timeout(20):
        while "conversations.history" not in slack.faults.delayed:
            await asyncio.sleep(0.01)
    taken = update(table(OutboxRow)).where(table(OutboxRow).c.state == "sending")
    await world.app.store.write(lambda tx: tx.execute(taken.values(holder="another")))
    while "conversations.history" in slack.faults.delayed:
        await asyncio.sleep(0.01)
    await asyncio.sleep(1)
    assert not world.outside.workspace.messages_in("sre-incidents"), "another posts it, or has"


async def test_what_was_given_back_while_it_was_looked_for_still_leaves(postgresql_url: str) -> None:
    """Nobody has had room for it so far. Whoever had it before takes nothing from whoever has it next."""
    async with world_on(postgresql_url, catalog=[ROUND_ROBIN]) as world:
        world.refusals.add("internal_error")
        slack = world.outside.slack
        slack.fail_next("chat.postMessage", "internal_error")
        slack.delay("conversations.history", 2.0)
        assert (await world.post(alert_body()))[0] == 202
        async with asyncio.timeout(20):
            while "conversations.history" not in slack.faults.delayed:
                await asyncio.sleep(0.01)
        given = update(table(OutboxRow)).where(table(OutboxRow).c.state == "sending")
        values = {"state": "waiting", "holder": "", "due_at": world.clock.now() + timedelta(seconds=20)}
        await world.app.store.write(lambda tx: tx.execute(given.values(values)))
        await asyncio.sleep(3)
        slack.delay("conversations.history", 0)
        assert not world.outside.workspace.messages_in("sre-incidents")
        await world.advance(seconds=30)
        world.card().reply("look")


@pytest.fixture
async def _nothing_is_left() -> AsyncIterator[None]:
    yield
    await kill_what_is_left()


@pytest.mark.slow
@pytest.mark.timeout(480)
@pytest.mark.usefixtures("_nothing_is_left")
async def test_one_that_is_frozen_loses_what_it_had_and_sends_none_of_it_when_it_wakes(
    postgresql_url: str, tmp_path: Path
) -> None:
    outside = Outside(rates=RateLimits(enabled=False))
    await outside.start()
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        'Policy: Now\nDefault: true\nSteps:\n  1: {delay: 0 minutes, type: SMS, target: ON_CALL, message: "n"}'
    )
    pair = [Process(outside, postgresql_url, PAGE_LIMITS="off") for _ in range(2)]
    await pair[0].prepare(str(PAYLOADS / "organisation.yaml"), str(policy))
    pair[1].token = pair[0].token
    for vigie in pair:
        await vigie.start()
    opened = [await opening(pair[0], number) for number in range(40)]
    pair[0].send(signal.SIGSTOP)
    opened += [await opening(pair[1], number) for number in range(40, 60)]
    async with asyncio.timeout(300):
        # What the frozen one had in its hands comes when its lease is over.
        while len(outside.ovh.inbox.messages) < len(opened):
            await asyncio.sleep(0.2)
    pair[0].send(signal.SIGCONT)
    await asyncio.sleep(3)
    by_incident = Counter(next(name for name in opened if name in sms.text) for sms in outside.ovh.inbox.messages)
    assert set(by_incident.values()) == {1} and len(by_incident) == len(opened)
    assert [await vigie.stop() for vigie in pair] == [0, 0]
    await outside.stop()


async def opening(vigie: Process, number: int) -> str:
    body = alert_body(f"Down {number}", group=f"g{number}", fingerprint=f"f{number}")
    return str((await vigie.post("/api/v1/webhooks/alertmanager/", body))["incident"]["short_id"])


async def test_an_outage_whose_process_died_is_over_when_another_says_so(pair: tuple[World, App]) -> None:
    world, other = pair
    now = world.clock.now()
    await other.store.write(lambda tx: outages.begin(tx, now, Part.API, world.app.watch.holder))
    for _ in range(2):
        await other.watch.take_over()
    assert await other.store.read(outages.current), "it lives, and will say so itself"
    await other.store.write(lambda tx: outages.inherit(tx, current(tx), "one that was killed"))
    await other.watch.take_over()
    assert await other.store.read(outages.current), "a name may be free for a moment"
    await other.watch.take_over()
    assert await other.store.read(outages.current) is None
    assert not world.app.watch.is_away and not other.watch.is_away


def current(tx: Transaction) -> str:
    found = outages.current(tx)
    assert found
    return found.id
