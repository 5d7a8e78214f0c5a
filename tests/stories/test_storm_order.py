"""What comes first in a channel that has more to get than Slack takes: the digest, then a grave incident's card; and
what does not come at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta

from sqlalchemy import text

from bot.demo.records import Call, Message
from storage import claims, held_cards, outbox
from storage.outbox import Kind, Parcel
from storage.store import Transaction
from tests.world import World, alert_body, world_on

CHANNEL = "sre-incidents"
ORGANISATION = """
people:
  - {handle: ada, name: Ada Admin, slack: U01ADA, role: admin}
teams: [{name: SRE Core, channel: "#sre-incidents", lead: ada, members: [ada]}]
services: [{name: redis-prod, team: SRE Core}]
"""
POLICY = """
Policy: In the channel
Default: true
Steps:
  1: {delay: 0 minutes, type: SLACK, target: "CHANNEL (#sre-incidents)", message: "look at {incident.short_id}"}
"""
DIGEST = "Acknowledge all"


async def until(what: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.01)


async def fires(world: World, number: int, severity: str = "warning") -> str:
    """One more incident: its short id."""
    body = alert_body(f"Down {number}", group=f"g{number}", fingerprint=f"f{number}", severity=severity)
    status, said = await world.post(body)
    assert status == 202
    return str(said["incident"]["short_id"])


def posts(world: World) -> list[Call]:
    """The messages that Slack was asked to post."""
    return world.outside.workspace.calls_to("chat.postMessage")


def is_digest(call: Call) -> bool:
    return DIGEST in str(call.args)


async def test_the_digest_keeps_its_place_when_slack_wants_it_later(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, POLICY], is_limited=True) as world:
        for number in range(20):
            await fires(world, number)
        await until(lambda: len(posts(world)) >= 4)
        for _ in range(3):
            world.outside.slack.rate_limit_next("chat.postMessage", 1)
        for number in range(20, 30):
            await fires(world, number)
        await until(lambda: any(is_digest(call) and call.status != 429 for call in posts(world)))
        asked = posts(world)
        assert any(call.status == 429 and is_digest(call) for call in asked), "it was told to wait"
        last = max(place for place, call in enumerate(asked) if call.status == 429)
        assert any(map(is_digest, asked[last + 1 : last + 3])), "and comes before all that waited longer"
        world.expect_what_was_said()


async def test_the_digest_keeps_its_place_when_its_process_dies(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, POLICY]) as world:
        await world.slack_goes()
        for number in range(30):
            await fires(world, number)
        await world.settle()
        lane = outbox.posts(CHANNEL)

        def killed(tx: Transaction) -> list[Parcel]:
            """It is taken, its lease runs out, and all that can leave is looked at."""
            later = world.clock.now() + timedelta(minutes=5)
            found = outbox.due(tx, later, 500, lane)
            claims.claim(tx, [one for one in found if one.kind is Kind.BUNDLE], "killed", later)
            claims.reclaim(tx, later + timedelta(minutes=1))
            return outbox.due(tx, later + timedelta(minutes=2), 500, lane)

        waiting = await world.app.store.write(killed)
        assert len(waiting) > 20 and waiting[0].kind is Kind.BUNDLE
        await world.slack_returns()
        world.expect_what_was_said()


async def test_a_grave_incidents_card_does_not_wait_behind_lines_of_others(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, POLICY], is_limited=True) as world:
        for number in range(30):
            await fires(world, number, "info")
        await until(lambda: any(is_digest(call) for call in posts(world)))
        waiting = await world.app.store.read(outbox.waiting)
        assert waiting > 20
        before = len(posts(world))
        short_id = await fires(world, 99, "critical")
        await until(lambda: any(short_id in str(call.args) for call in posts(world)))
        asked = posts(world)[before:]
        place = next(place for place, call in enumerate(asked) if short_id in str(call.args))
        assert place <= 1, "only what was on its way already came before it"
        assert "thread_ts" not in asked[place].args
        await until(lambda: any(short_id in str(call.args) and "thread_ts" in call.args for call in posts(world)), 60)
        assert not [call for call in world.outside.workspace.calls if call.status == 429]
        world.expect_what_was_said()


async def test_what_is_over_after_the_storm_and_before_its_card_gets_none(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, POLICY]) as world:
        for number in range(30):
            await fires(world, number, "info")
        await world.settle()
        before = {card.ts for card in cards(world)}
        await world.slack_goes()
        await world.advance(minutes=2)
        left = await world.app.store.read(lambda tx: held_cards.of_channel(tx, CHANNEL, 99))
        assert not left, "the storm is over, and the cards wait for Slack alone"
        outside = await fires(world, 99, "critical")
        await ended(world, (*range(29), 99))
        await world.slack_returns()
        new = [card.words for card in cards(world) if card.ts not in before]
        assert len(new) == 2, "one that is still there, and one that no storm has held"
        assert any("Down 29" in words for words in new) and any(outside in words for words in new)
        waiting = await world.app.store.read(lambda tx: tx.execute(text("SELECT kind FROM outbox")).all())
        assert not waiting
        world.expect_what_was_said()


async def test_what_is_over_before_its_card_comes_after_what_is_not(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, POLICY], is_limited=True) as world:
        over = [await fires(world, number, "critical") for number in range(7)]
        await ended(world, range(7))
        before = len(posts(world))
        short_id = await fires(world, 99, "critical")
        await until(lambda: any(short_id in str(call.args) for call in posts(world)))
        place = next(place for place, call in enumerate(posts(world)[before:]) if short_id in str(call.args))
        assert place <= 1, "only what was on its way already came before it"
        left = await world.app.store.read(outbox.waiting)
        assert left >= len(over), "they are still to come"
        world.expect_what_was_said()


async def test_what_is_over_during_a_storm_and_before_its_card_gets_none(database_url: str) -> None:
    """Also what the storm has not held: it was let go before there was one, and waits for Slack."""
    async with world_on(database_url, catalog=[ORGANISATION, POLICY], is_limited=True) as world:
        for number in range(30):
            await fires(world, number)
        await until(lambda: any(is_digest(call) for call in posts(world)))
        there = len(cards(world))
        assert there < 10
        begun = asyncio.get_running_loop().time()
        await ended(world, range(30))
        meanwhile = int(asyncio.get_running_loop().time() - begun)
        await until(lambda: f"0 taken · {30 - len(cards(world))} over" in digest_words(world), 30)
        left = await world.app.store.read(lambda tx: tx.execute(text("SELECT kind FROM outbox")).scalars().all())
        assert Kind.CARD.value not in left
        assert len(cards(world)) <= there + meanwhile + 2, "one a second until it was over, and one on its way"
        world.expect_what_was_said()


async def ended(world: World, numbers: Iterable[int]) -> None:
    """The alerts of these are over."""
    for number in numbers:
        body = alert_body(f"Down {number}", group=f"g{number}", fingerprint=f"f{number}", status="resolved")
        assert (await world.post(body))[0] == 202


def digest_words(world: World) -> str:
    """What the storm's digest says."""
    return next(one.words for one in world.outside.workspace.messages_in(CHANNEL) if "torm" in one.words.split("\n")[0])


def cards(world: World) -> list[Message]:
    """What stands in the channel and in no thread, but for the digest."""
    found = [one for one in world.outside.workspace.messages_in(CHANNEL) if not one.is_reply]
    return [one for one in found if "torm" not in one.words.split("\n")[0]]
