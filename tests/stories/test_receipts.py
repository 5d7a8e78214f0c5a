"""From the provider's yes to the phone: receipts, and the next channel when there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.demo.provider_faults import Fault
from tests.stories.test_links import JOHN, KEY, paged, read
from tests.world import World, world_on
from tests.world import read as payload


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A Vigie that phones reach."""
    async with world_on(database_url, public_url="https://vigie.example.com", secret_key=KEY) as running:
        yield running
        running.finish()


async def receipts(world: World, channel: str, step: int = 2) -> list[dict[str, Any]]:
    """The receipts of a step's pages by one channel, as the API tells them."""
    _, listed = await world.get("/api/v1/incidents/")
    _, found = await world.get(f"/api/v1/incidents/{listed['results'][0]['id']}/notifications/")
    return [one for one in found["results"] if one["channel"] == channel and one["step"] == step]


async def test_a_receipt_tells_the_whole_way_of_a_page(world: World) -> None:
    path = await paged(world)
    await world.advance(seconds=15)
    (sms,) = await receipts(world, "SMS")
    assert (sms["state"], sms["stage"], sms["person"]) == ("sent", "delivered", "john")
    assert "INC-" in sms["said"] and "https://vigie.example.com/a/…" in sms["said"] and path not in sms["said"]
    await read(world, "HEAD", path)
    assert (await receipts(world, "SMS"))[0]["opened_at"] is None
    await read(world, "GET", path)
    await read(world, "POST", path)
    await world.settle()
    (sms,) = await receipts(world, "SMS")
    assert sms["stage"] == "acknowledged"
    moments = [sms[f"{name}_at"] for name in ("decided", "rendered", "sent", "delivered", "opened", "acknowledged")]
    assert None not in moments and moments == sorted(moments)
    took = list(sms["latencies"].values())
    assert took == sorted(took) and took[0] >= 0
    (direct,) = await receipts(world, "SLACK")
    assert (direct["stage"], direct["acknowledged_at"]) == ("delivered", None)
    world.expect_what_was_said()


async def test_the_button_that_was_pressed_is_on_the_pages_receipt(world: World) -> None:
    await paged(world)
    await world.direct("john").click("Acknowledge", as_="john")
    (direct,) = await receipts(world, "SLACK")
    assert direct["stage"] == "acknowledged"
    assert (await receipts(world, "SMS"))[0]["acknowledged_at"] is None
    world.expect_what_was_said()


TEXTS = """
Policy: Texts
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  Step 1: {delay: 0 minutes, type: SMS, target: ON_CALL}
  Step 2: {delay: 30 minutes, type: EMAIL, target: USER (lea)}
"""


@pytest.fixture
async def texts(database_url: str) -> AsyncIterator[World]:
    """A Vigie whose policy sends whoever is on call an SMS, and nothing else."""
    async with world_on(database_url, catalog=[payload("organisation.yaml"), TEXTS]) as running:
        yield running
        running.expect_what_was_said()
        running.finish()


async def ways(world: World) -> dict[str, dict[str, Any]]:
    """The receipts of the first step's pages, by channel; there is one each."""
    _, listed = await world.get("/api/v1/incidents/")
    _, found = await world.get(f"/api/v1/incidents/{listed['results'][0]['id']}/notifications/")
    by_channel = {one["channel"]: one for one in found["results"]}
    assert len(by_channel) == len(found["results"])
    return by_channel


async def test_a_network_that_refuses_sends_it_another_way_at_once(texts: World) -> None:
    texts.outside.ovh.unreachable_numbers.add(JOHN)
    await texts.alert()
    assert (await ways(texts))["SMS"]["stage"] == "accepted"
    await texts.advance(seconds=11)
    told = await ways(texts)
    assert (told["SMS"]["state"], told["SMS"]["stage"]) == ("failed", "failed")
    assert told["SMS"]["failure"] == "the phone's network refused it: Absent subscriber"
    assert told["SLACK"]["instead_of"] == told["SMS"]["id"] and told["SLACK"]["stage"] == "delivered"
    assert texts.direct("john").buttons
    said = texts.card().reply("John Doe not reached by SMS: the phone's network refused it").words
    assert "Trying direct message instead" in said
    await texts.advance(minutes=5)
    assert len(await ways(texts)) == 2


@pytest.mark.parametrize("fate", ["silent", "switched_off"])
async def test_silence_sends_it_another_way_once_and_no_later_than_that(texts: World, fate: str) -> None:
    network = texts.outside.ovh.network
    {"silent": network.silent, "switched_off": network.switched_off}[fate].add(JOHN)
    await texts.alert()
    for seconds in (10, 20, 40, 40):
        await texts.advance(seconds=seconds)
        assert list(await ways(texts)) == ["SMS"]
    await texts.advance(seconds=11)
    told = await ways(texts)
    assert (told["SMS"]["state"], told["SMS"]["failure"]) == ("sent", "no sign that it arrived within 2 min")
    assert told["SLACK"]["instead_of"] == told["SMS"]["id"]
    assert texts.card().reply("no sign that it arrived within 2 min", "Trying direct message instead")
    await texts.advance(minutes=20)
    assert set(await ways(texts)) == {"SMS", "SLACK"}


async def test_a_late_receipt_is_written_down_and_pages_nobody_again(texts: World) -> None:
    texts.outside.ovh.network.slow_receipts[JOHN] = timedelta(minutes=4)
    await texts.alert()
    texts.phone(JOHN).expect_sms("INC-")
    await texts.advance(minutes=2)
    assert (await ways(texts))["SMS"]["failure"]
    await texts.advance(minutes=6)
    told = await ways(texts)
    assert (told["SMS"]["stage"], told["SMS"]["failure"]) == ("delivered", None)
    assert set(told) == {"SMS", "SLACK"}


async def test_nobody_is_paged_for_a_receipt_that_comes_after_the_acknowledgement(texts: World) -> None:
    texts.outside.ovh.unreachable_numbers.add(JOHN)
    await texts.alert()
    await texts.card().click("Acknowledge", as_="ada")
    await texts.advance(minutes=3)
    told = await ways(texts)
    assert list(told) == ["SMS"] and told["SMS"]["state"] == "failed"


async def test_a_provider_that_is_away_when_asked_counts_as_silence(texts: World) -> None:
    await texts.alert()
    texts.phone(JOHN).expect_sms("INC-")
    texts.outside.ovh.outage = Fault(status=500)
    await texts.advance(seconds=15)
    assert list(await ways(texts)) == ["SMS"]
    await texts.advance(minutes=2)
    assert (await ways(texts))["SLACK"]["stage"] == "delivered"
    texts.outside.ovh.outage = None
    await texts.advance(minutes=6)
    assert (await ways(texts))["SMS"]["stage"] == "delivered"


async def test_a_send_whose_answer_was_lost_is_not_made_twice_and_has_its_receipt(texts: World) -> None:
    texts.outside.ovh.faults.next(Fault(status=502, accept=True))
    await texts.alert()
    await texts.advance(seconds=3)
    await texts.advance(seconds=15)
    told = await ways(texts)
    assert told["SMS"]["stage"] == "delivered"
    assert len(texts.phone(JOHN).texts) == 1
    texts.phone(JOHN).expect_sms("INC-")


async def test_why_says_who_was_paged_and_who_was_not(texts: World) -> None:
    texts.outside.ovh.unreachable_numbers.add(JOHN)
    await texts.alert()
    await texts.advance(seconds=11)
    name = texts.card().words.split("INC-")[1][:6]
    about_john = await texts.command("/incident", f"why INC-{name} @john", as_="ada")
    assert about_john is not None
    assert "SMS to John Doe: not delivered: the phone's network refused it: Absent subscriber" in about_john.words
    assert "direct message to John Doe instead of one that failed: sent" in about_john.words
    by_name = await texts.command("/incident", f"why INC-{name} John Doe", as_="ada")
    assert by_name is not None and by_name.words == about_john.words
    about_me = await texts.command("/incident", "why me", as_="ada")
    assert about_me is not None and "step 1: on call was John Doe" in about_me.words
    everybody = await texts.command("/incident", "why", as_="lea")
    assert everybody is not None and "Qui a été alerté" in everybody.words
    nobody = await texts.command("/incident", "why @zoe", as_="ada")
    assert nobody is not None and "Nobody is called zoe" in nobody.words


TO_ALL = """
Policy: Mails
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  Step 1: {delay: 0 minutes, type: EMAIL, target: TEAM}
  Step 2: {delay: 30 minutes, type: SMS, target: ON_CALL}
"""


async def test_a_mail_server_that_refuses_one_of_several_sends_that_one_another_way(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[payload("organisation.yaml"), TO_ALL]) as world:
        world.outside.mail.recipient_answers["john.doe@example.com"] = "550 5.1.1 no such user"
        await world.alert()
        for address in ("ada@example.com", "lea@example.com"):
            world.mailbox(address).expect_mail("Redis Cluster Down")
        world.phone(JOHN).expect_sms("INC-")
        assert world.card().reply("John Doe not reached by e-mail: SMTP 550", "Trying SMS instead")
        await world.advance(minutes=5)
        world.expect_what_was_said()
        world.finish()


async def test_an_operator_that_answers_500_and_then_works_sends_one_sms_and_no_more(texts: World) -> None:
    texts.outside.ovh.faults.next(Fault(status=503))
    await texts.alert()
    await texts.advance(seconds=5)
    await texts.advance(seconds=15)
    told = await ways(texts)
    assert len(texts.phone(JOHN).texts) == 1 and told["SMS"]["stage"] == "delivered"
    texts.phone(JOHN).expect_sms("INC-")
    assert len(texts.outside.ovh.inbox.messages) == 1
