"""Answers by SMS: a, 12a, ack INC-…, n and e from known numbers, each taken once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from blocks.text import gsm7_length, is_gsm7
from bot.demo.provider_faults import Fault
from tests.stories.test_links import JOHN, KEY
from tests.world import World, world_on
from tests.world import read as payload

ADA = "+33600000001"
TEXTS = """
Policy: Texts
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  Step 1: {delay: 0 minutes, type: SMS, target: ON_CALL}
  Step 2: {delay: 10 minutes, type: SMS, target: USER (ada)}
"""


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A Vigie whose SMS come from a short number, which can be answered."""
    catalog = [payload("organisation.yaml"), TEXTS]
    signed: dict[str, Any] = {"public_url": "https://vigie.example.com", "secret_key": KEY}
    async with world_on(database_url, catalog=catalog, ovh_sms_sender="", **signed) as running:
        yield running
        running.expect_what_was_said()
        running.finish()


async def test_the_last_page_is_taken_by_one_letter(world: World) -> None:
    await world.alert()
    phone = world.phone(JOHN)
    text = phone.expect_sms("Ack: https://vigie.example.com/a/", "or reply 1a").text
    assert is_gsm7(text) and gsm7_length(text) <= 160
    await phone.answer("A")
    phone.expect_sms("is yours. Nobody else is paged.")
    assert "<@U02JOHN> has it" in world.card().words
    _, listed = await world.get("/api/v1/incidents/")
    _, found = await world.get(f"/api/v1/incidents/{listed['results'][0]['id']}/notifications/")
    assert found["results"][0]["stage"] == "acknowledged"
    await world.advance(minutes=20)
    assert not world.phone(ADA).texts


async def test_a_number_says_which_and_a_name_too(world: World) -> None:
    await world.alert("Redis Cluster Down", group="g1", fingerprint="f1")
    await world.alert("Disk full", group="g2", fingerprint="f2")
    phone = world.phone(JOHN)
    phone.expect_sms("or reply 1a")
    phone.expect_sms("or reply 2a")
    await phone.answer("1a")
    phone.expect_sms("Redis Cluster Down", "is yours")
    assert "<@U02JOHN> has it" in world.card("Redis Cluster Down").words
    assert "Nobody has it yet" in world.card("Disk full").words
    _, listed = await world.get("/api/v1/incidents/?search=Disk")
    await phone.answer(f"ack {listed['results'][0]['short_id'].lower()}\nsent from my phone")
    phone.expect_sms("Disk full", "is yours")
    await phone.answer("1a")
    phone.expect_sms("Redis Cluster Down", "is yours")
    await phone.answer("7a")
    phone.expect_sms("You have no page 7.")


async def test_half_an_emoji_holds_up_no_answer(world: World) -> None:
    """A long text that a phone sends in parts may be cut between the two halves of a letter."""
    await world.alert()
    phone = world.phone(JOHN)
    phone.expect_sms("INC-")
    await phone.answer("a \ud83d")
    phone.expect_sms("Not understood")
    await phone.answer("a")
    phone.expect_sms("is yours")


async def test_an_answer_that_ovh_does_not_show_holds_up_no_other(world: World) -> None:
    """However many there are of them."""
    await world.alert()
    phone, network = world.phone(JOHN), world.outside.ovh.network
    phone.expect_sms("INC-")
    network.unreadable.update(network.write("+33699999999", "hello") for _ in range(25))
    network.answer(JOHN, "a")
    for _ in range(12):
        await world.advance(seconds=11)
    phone.expect_sms("is yours")
    assert "<@U02JOHN> has it" in world.card().words


@pytest.mark.parametrize("said", ["a", "1a"])
async def test_who_answers_before_it_is_known_that_the_sms_went_out_has_it(world: World, said: str) -> None:
    """OVH took it, its answer was lost, and it was away for a minute: the phone has shown it since."""
    world.outside.ovh.faults.next(Fault(status=502, accept=True))
    await world.alert()
    world.outside.ovh.outage = Fault(status=503)
    answered_at = world.clock.now()
    await world.advance(seconds=2)
    world.outside.ovh.outage = None
    await world.advance(seconds=40)
    assert len(world.phone(JOHN).texts) == 1
    world.phone(JOHN).expect_sms("INC-")
    network = world.outside.ovh.network
    identity = network.write(JOHN, said)
    network.incoming[identity] = replace(network.incoming[identity], created_at=world.clock.to_wall(answered_at))
    await world.advance(seconds=11)
    world.phone(JOHN).expect_sms("is yours")
    assert "<@U02JOHN> has it" in world.card().words


async def test_who_answers_by_a_clock_that_is_behind_ours_has_it(world: World) -> None:
    """A machine whose clock is some minutes ahead of OVH's pages all the same."""
    await world.alert()
    world.phone(JOHN).expect_sms("INC-")
    network = world.outside.ovh.network
    identity, early = network.write(JOHN, "a"), world.clock.to_wall(world.clock.now()) - timedelta(minutes=5)
    network.incoming[identity] = replace(network.incoming[identity], created_at=early)
    await world.advance(seconds=11)
    world.phone(JOHN).expect_sms("is yours")
    assert "<@U02JOHN> has it" in world.card().words


async def test_who_cannot_take_it_or_wants_more_says_so(world: World) -> None:
    await world.alert()
    phone = world.phone(JOHN)
    phone.expect_sms("INC-")
    await phone.answer("e")
    phone.expect_sms("escalates now")
    world.phone(ADA).expect_sms("INC-")
    await phone.answer("n")
    phone.expect_sms("goes to somebody else")
    world.phone("+33600000003").expect_sms("Pour vous")
    assert world.card().reply("John Doe can't take it")
    await world.phone(ADA).answer("a")
    world.phone(ADA).expect_sms("is yours")
    await phone.answer("a")
    refusal = phone.expect_sms("is already acknowledged by Ada Admin").text
    assert refusal.count("INC-") == 1


async def test_who_cannot_take_it_either_is_told_that_nobody_is_left(world: World) -> None:
    await world.alert()
    phone = world.phone(JOHN)
    url = phone.expect_sms("INC-").text.split("https://vigie.example.com")[1].split()[0]
    await phone.answer("e")
    phone.expect_sms("escalates now")
    world.phone(ADA).expect_sms("INC-")
    await world.phone(ADA).answer("n")
    world.phone(ADA).expect_sms("goes to somebody else")
    lead = world.phone("+33600000003")
    lead.expect_sms("Pour vous")
    await lead.answer("n")
    lead.expect_sms("plus personne à alerter pour INC-", "Appelez quelqu'un, ou répondez a")
    await phone.answer("n")
    assert gsm7_length(phone.expect_sms("nobody else is left to page for INC-", "Call somebody").text) <= 160
    async with world.http.get(url) as page:
        assert "Nobody else is left to page" in await page.text()
    await phone.answer("a")
    phone.expect_sms("is yours")


def expect_texts(world: World) -> None:
    """The story has told those that it is about."""
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}


async def test_who_has_it_for_long_and_cannot_take_it_any_more_passes_it_on(world: World) -> None:
    await world.alert()
    phone = world.phone(JOHN)
    await phone.answer("a")
    assert "<@U02JOHN> has it" in world.card().words
    await world.advance(minutes=45)
    await phone.answer("n")
    assert "goes to somebody else" in phone.texts[-1].text
    assert "INC-" in world.phone(ADA).texts[-1].text
    assert "Nobody has it yet" in world.card().words
    expect_texts(world)


async def test_who_answers_as_another_takes_it_for_the_second_time_hears_that(world: World) -> None:
    name = (await world.alert())["incident"]["short_id"]
    for _ in range(2):
        await world.command("/incident", f"ack {name}", as_="ada")
        await world.advance(minutes=30)
        await world.command("/incident", f"unack {name}", as_="ada")
        await world.advance(seconds=11)
    await world.command("/incident", f"ack {name}", as_="ada")
    await world.phone(JOHN).answer("a")
    assert "is already acknowledged by Ada Admin" in world.phone(JOHN).texts[-1].text
    expect_texts(world)


async def test_a_thumb_that_hits_twice_is_answered_once(world: World) -> None:
    await world.alert()
    phone, network = world.phone(JOHN), world.outside.ovh.network
    phone.expect_sms("INC-")
    for _ in range(4):
        network.write(JOHN, "e")
    await world.advance(seconds=11)
    phone.expect_sms("escalates now")
    world.phone(ADA).expect_sms("INC-")
    await phone.answer("e")
    phone.expect_sms("no further step")
    assert len(phone.texts) == 3


async def test_strangers_are_not_answered_and_nothing_is_taken_twice(world: World) -> None:
    await world.alert()
    world.phone(JOHN).expect_sms("INC-")
    network, reading = world.outside.ovh.network, world.app.use_cases.reading
    network.write("+33699999999", "a")
    network.write(JOHN, "STOP")
    await world.advance(seconds=11)
    assert "Nobody has it yet" in world.card().words and len(network.inbox.messages) == 1
    assert await reading.read() == 0
    network.write("0033600000002", "a")
    await world.advance(seconds=11)
    world.phone(JOHN).expect_sms("is yours")
    assert "<@U02JOHN> has it" in world.card().words


async def test_a_phone_that_answers_by_itself_is_left_alone_soon(world: World) -> None:
    await world.alert()
    phone = world.phone(JOHN)
    phone.expect_sms("INC-")
    for _ in range(4):
        await phone.answer("I am on holiday until Monday.")
    phone.expect_sms("Not understood.", "12a")
    phone.expect_sms("Not understood.")
    await phone.answer("a")
    phone.expect_sms("is yours")


async def test_nobody_is_asked_for_answers_while_nobody_may_answer(world: World) -> None:
    def reads() -> int:
        return sum("/incoming" in path for _, path in world.outside.ovh.requests)

    await world.advance(minutes=5)
    assert not reads()
    await world.alert()
    world.phone(JOHN).expect_sms("INC-")
    await world.advance(seconds=11)
    assert reads()
    await world.card().click("Acknowledge", as_="ada")
    await world.advance(minutes=11)
    before = reads()
    await world.advance(minutes=5)
    assert reads() == before


async def test_who_answers_a_page_that_was_held_has_it_within_seconds(database_url: str) -> None:
    """Nobody could have answered anything for a while as it left."""
    catalog, limits = [payload("organisation.yaml"), TEXTS], "SMS=1/15m"
    async with world_on(database_url, catalog=catalog, ovh_sms_sender="", page_limits=limits) as world:
        phone = world.phone(JOHN)
        await world.alert()
        await world.alert(status="resolved")
        phone.expect_sms("Redis Cluster Down")
        await world.advance(minutes=12)
        await world.alert("Disk full", group="g2", fingerprint="f2")
        await world.advance(minutes=2)
        assert len(phone.texts) == 1
        await world.advance(minutes=1, seconds=5)
        phone.expect_sms("Disk full")
        await phone.answer("a")
        phone.expect_sms("is yours")
        world.expect_what_was_said()
        world.finish()
