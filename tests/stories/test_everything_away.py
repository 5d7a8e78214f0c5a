"""Every way to people is away, for longer than anybody tries by rote: whoever is on call hears of it when the first is
back, once, and by nothing that is no longer needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.demo.faults import Planned
from bot.demo.provider_faults import Fault
from storage import outbox
from tests.world import World, alert_body, world_on

PHONE, MAIL = "+33600000001", "ada@example.com"
PEOPLE = """
people: [{handle: ada, name: Ada, phone: "+33600000001", email: ada@example.com, slack: U01ADA, role: admin}]
teams: [{name: SRE Core, channel: "#sre-incidents", lead: ada}]
services: [{name: redis-prod, team: SRE Core}]
"""
POLICY = """
Policy: One way
Default: true
Steps:
  1: {delay: 0 minutes, type: WAY, target: USER (ada), message: "{incident.title}"}
"""
A_MINUTE_LATER = POLICY.replace("delay: 0 minutes", "delay: 1 minute").replace("WAY", "SLACK")
AWAY = Fault(status=503)


def paged_by(way: str) -> list[str]:
    return [PEOPLE, POLICY.replace("WAY", way)]


@pytest.fixture(params=["SMS", "EMAIL", "SLACK"])
async def world(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[World]:
    async with world_on(database_url, catalog=paged_by(request.param)) as world:
        yield world


async def nothing_works(world: World) -> None:
    world.outside.ovh.outage = AWAY
    world.outside.mail.faults.always(Fault(status=451))
    await world.slack_goes()


async def hours_go_by(world: World) -> None:
    for _ in range(30):
        await world.advance(minutes=6)


async def all_is_out(world: World) -> None:
    """Slack's rates are in everybody's time: the last line of a thread may take a few seconds."""
    async with asyncio.timeout(30):
        while await world.app.store.read(outbox.waiting):
            await asyncio.sleep(0.05)


def told(world: World) -> tuple[int, int, int]:
    """How many SMS, mails and direct messages Ada has."""
    direct = [one for one in world.outside.slack.member("ada").direct_messages if "Redis" in one.text]
    return len(world.phone(PHONE).texts), len(world.mailbox(MAIL).mails), len(direct)


async def test_the_first_that_is_back_carries_the_page(world: World) -> None:
    await nothing_works(world)
    assert (await world.post(alert_body()))[0] == 202
    await hours_go_by(world)
    assert told(world) == (0, 0, 0)
    world.outside.ovh.outage = None
    await world.advance(seconds=30)
    assert told(world) == (1, 0, 0)
    world.outside.mail.faults.clear()
    await world.advance(minutes=5)
    await world.slack_returns()
    await world.advance(minutes=5)
    assert told(world) == (1, 0, 0), "an SMS wakes: nothing that stood in for it comes after it"
    world.expect_what_was_said()


LOGIN = "530 5.7.0 Authentication required"
NOT_IN_SLACK = "night@example.org"


@pytest.mark.parametrize("way", ["SMS", "EMAIL", "PHONE"])
async def test_what_is_refused_until_somebody_mends_the_account_goes_when_it_is_mended(
    database_url: str, way: str
) -> None:
    """Keys, a login, credit: somebody mends them, and the page of the hour they were wrong is still owed."""
    only = PEOPLE.replace(", email: ada@example.com, slack: U01ADA", "")
    only = only.replace('phone: "+33600000001"', f"email: {NOT_IN_SLACK}") if way == "EMAIL" else only
    async with world_on(database_url, catalog=[only, POLICY.replace("WAY", way)]) as world:
        world.outside.ovh.outage = Fault(status=403, code="INVALID_CREDENTIAL", message="This credential is not valid")
        world.outside.mail.sender_answers["vigie@example.com"] = LOGIN
        world.outside.voice.faults.always(Fault(status=401))
        assert (await world.post(alert_body()))[0] == 202
        await world.advance(minutes=7)
        assert reached(world) == (0, 0, 0)
        world.outside.ovh.outage = None
        world.outside.mail.sender_answers.clear()
        world.outside.voice.faults.clear()
        await world.advance(minutes=2)
        assert sum(reached(world)) == 1
        await world.advance(minutes=30)
        assert sum(reached(world)) == 1
        world.expect_what_was_said()


def reached(world: World) -> tuple[int, int, int]:
    """How many SMS, mails and calls Ada has."""
    return len(world.phone(PHONE).texts), len(world.mailbox(NOT_IN_SLACK).mails), len(world.phone(PHONE).calls)


async def test_a_page_whose_other_ways_are_refused_waits_for_slack(database_url: str) -> None:
    async with world_on(database_url, catalog=paged_by("SLACK")) as world:
        world.outside.ovh.outage = Fault(status=403)
        world.outside.mail.faults.always(Fault(status=550))
        await world.slack_goes()
        await world.post(alert_body())
        await world.advance(minutes=3)
        assert told(world) == (0, 0, 0)
        await world.slack_returns()
        assert told(world) == (0, 0, 1)
        world.expect_what_was_said()


async def test_while_slack_wants_a_long_rest_all_pages_go_another_way(database_url: str) -> None:
    async with world_on(database_url, catalog=[PEOPLE, A_MINUTE_LATER]) as world:
        await world.alert("Redis one")
        await world.advance(seconds=30)
        await world.alert("Redis two", alertname="Other", fingerprint="other", group="other")
        await all_is_out(world)
        direct = world.outside.workspace.direct_channel("U01ADA").id
        rest = Planned(error="ratelimited", retry_after=90, channel=direct)
        world.outside.slack.faults.plan("chat.postMessage", rest)
        await world.advance(seconds=30)
        assert told(world) == (1, 0, 0)
        await world.advance(seconds=30)
        assert told(world) == (2, 0, 0)
        world.expect_what_was_said()


async def test_short_rests_that_add_up_are_a_long_one(database_url: str) -> None:
    async with world_on(database_url, catalog=[PEOPLE, A_MINUTE_LATER]) as world:
        await world.alert("Redis")
        await all_is_out(world)
        world.outside.slack.faults.plan("chat.postMessage", Planned(error="ratelimited", retry_after=1), times=1000)
        await world.advance(minutes=1)
        assert told(world) == (0, 0, 0)
        world.clock.push(timedelta(seconds=15))
        async with asyncio.timeout(10):
            while told(world) != (1, 0, 0):
                await asyncio.sleep(0.02)
        world.outside.slack.faults.forget("chat.postMessage")
        await world.settle()
        world.expect_what_was_said()


async def test_what_was_spared_goes_after_all_when_the_other_did_not_arrive(database_url: str) -> None:
    nobody_in_slack = PEOPLE.replace(", slack: U01ADA", "").replace(MAIL, "night@example.org")
    async with world_on(database_url, catalog=[nobody_in_slack, *paged_by("EMAIL")[1:]]) as world:
        world.refusals.add("users_not_found")
        world.outside.ovh.network.slow_receipts[PHONE] = timedelta(hours=1)
        world.outside.mail.faults.always(Fault(status=451))
        await world.alert()
        await world.advance(seconds=5)
        world.outside.mail.faults.clear()
        assert (len(world.phone(PHONE).texts), len(world.mailbox("night@example.org").mails)) == (1, 0)
        await world.advance(minutes=3)
        pages = [mail for mail in world.mailbox("night@example.org").mails if "Redis" in mail.subject]
        assert len(pages) == 1, "there was no sign that the SMS arrived"
        world.expect_what_was_said()


async def test_what_was_spared_is_looked_for_before_it_goes_after_all(database_url: str) -> None:
    """Of a direct message the answer was lost, and an SMS went in its stead, of which nobody says that it arrived."""
    without_mail = PEOPLE.replace("email: ada@example.com, ", "")
    async with world_on(database_url, catalog=[without_mail, A_MINUTE_LATER]) as world:
        world.outside.ovh.network.slow_receipts[PHONE] = timedelta(hours=1)
        await world.alert()
        await all_is_out(world)
        direct = world.outside.workspace.direct_channel("U01ADA").id
        world.outside.slack.faults.plan("chat.postMessage", Planned(lose_answer=True, channel=direct))
        await world.advance(minutes=1)
        assert told(world) == (1, 0, 1)
        await world.advance(minutes=5)
        assert told(world) == (1, 0, 1), "it is there already"
        world.expect_what_was_said()


TWO_STEPS = """
Policy: Two steps
Default: true
Steps:
  1: {delay: 0 minutes, type: SMS, target: USER (ada), message: "First"}
  2: {delay: 0 minutes, type: PHONE, target: USER (ada), message: "First call"}
  3: {delay: 5 minutes, type: SMS, target: USER (ada), message: "Second"}
  4: {delay: 5 minutes, type: PHONE, target: USER (ada), message: "Second call"}
"""


async def test_of_the_steps_that_waited_for_a_channel_one_reaches_a_person_when_it_is_back(database_url: str) -> None:
    nothing_else = PEOPLE.replace(", email: ada@example.com, slack: U01ADA", "")
    async with world_on(database_url, catalog=[nothing_else, TWO_STEPS], rings=True) as world:
        world.outside.ovh.outage = AWAY
        world.outside.voice.faults.always(Fault(status=503))
        assert (await world.post(alert_body()))[0] == 202
        await world.advance(minutes=8)
        assert reached(world) == (0, 0, 0)
        world.outside.ovh.outage = None
        world.outside.voice.faults.clear()
        await world.advance(minutes=10)
        assert reached(world) == (1, 0, 1)
        world.expect_what_was_said()
