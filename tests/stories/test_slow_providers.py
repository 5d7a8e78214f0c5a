"""Providers that are slow while many are to be paged: as many are on their way as there are connections, the other
ways go on, and nothing is given up for having waited its turn."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.demo.provider_faults import Fault
from bot.notifiers.base import MAIL_CONNECTIONS, SMS_CONNECTIONS
from domain.storms import limits_of
from tests.world import World, alert_body, world_on

PEOPLE = """
people: [{handle: ada, name: Ada, phone: "+33600000001", email: ada@example.com, slack: U01ADA, role: admin}]
teams: [{name: SRE Core, channel: "#sre-incidents", lead: ada}]
services: [{name: redis-prod, team: SRE Core}]
"""
POLICY = """
Policy: Both ways
Default: true
Steps:
  1: {delay: 0 minutes, type: EMAIL, target: USER (ada), message: "{incident.title} by mail"}
  2: {delay: 0 minutes, type: SMS, target: USER (ada), message: "{incident.title} by SMS"}
"""


MAILS_ALONE = """
Policy: Mails
Default: true
Steps:
  1: {delay: 0 minutes, type: EMAIL, target: USER (ada), message: "{incident.title} by mail"}
"""

TEXTS_ALONE = """
Policy: Texts
Default: true
Steps:
  1: {delay: 0 minutes, type: SMS, target: USER (ada), message: "{incident.title} by SMS"}
"""


@asynccontextmanager
async def paged(database_url: str, count: int, seconds: float, policy: str = POLICY) -> AsyncIterator[World]:
    """So many incidents at once, each paged in both ways; the mail server takes its time over every mail."""
    async with world_on(database_url, catalog=[PEOPLE, policy], page_limits=limits_of("off")) as world:
        world.outside.mail.faults.always(Fault(delay=seconds))
        for number in range(count):
            status, _ = await world.post(alert_body(f"down-{number}-", group=f"g{number}", fingerprint=f"f{number}"))
            assert status == 202
        yield world


async def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.01)


def mails(world: World) -> Counter[str]:
    """How often each mail came."""
    return Counter(mail.subject for mail in world.outside.mail.inbox.messages)


def texts(world: World) -> Counter[str]:
    """How often each SMS came."""
    return Counter(text.text for text in world.phone("+33600000001").texts)


async def test_a_slow_mail_server_keeps_back_no_sms(database_url: str) -> None:
    async with paged(database_url, 40, 0.5) as world:
        await until(lambda: len(texts(world)) == 40)
        assert len(mails(world)) < 40
        await until(lambda: not world.app.sender.in_flight)
        assert len(mails(world)) == 40 and set(mails(world).values()) == {1}


async def test_as_many_mails_are_on_their_way_as_there_are_connections(database_url: str) -> None:
    async with paged(database_url, 40, 0.5) as world:
        await until(lambda: len(texts(world)) == 40)
        await until(lambda: world.app.sender.in_flight <= MAIL_CONNECTIONS, seconds=1)
        assert len(mails(world)) < 40 - MAIL_CONNECTIONS
        await until(lambda: not world.app.sender.in_flight)


async def test_an_sms_that_waits_for_its_turn_does_not_leave_after_the_acknowledgement(database_url: str) -> None:
    """A slow OVH: more SMS are due than it takes at once, and somebody takes all incidents meanwhile."""
    async with world_on(database_url, catalog=[PEOPLE, TEXTS_ALONE], page_limits=limits_of("off")) as world:
        world.outside.ovh.faults.always(Fault(delay=6.0))
        numbers = range(SMS_CONNECTIONS + 30)
        bodies = [alert_body(f"down-{one}-", group=f"g{one}", fingerprint=f"f{one}") for one in numbers]
        await asyncio.gather(*(world.post(body) for body in bodies))
        await until(lambda: world.app.sender.in_flight > SMS_CONNECTIONS + 25)
        ids = [one["id"] for one in (await world.get("/api/v1/incidents/?page_size=100"))[1]["results"]]
        answers = await asyncio.gather(*(world.post({}, f"/api/v1/incidents/{one}/acknowledge/") for one in ids))
        assert {status for status, _ in answers} == {200}
        await until(lambda: not world.app.sender.in_flight)
        assert len(texts(world)) == SMS_CONNECTIONS, "those that OVH had by then"


@pytest.mark.slow
@pytest.mark.timeout(200)
async def test_a_mail_that_waits_for_its_turn_is_not_given_up(database_url: str) -> None:
    async with paged(database_url, 120, 3.0) as world:
        await until(lambda: len(mails(world)) == 120, seconds=120)
        await until(lambda: not world.app.sender.in_flight)
        assert set(mails(world).values()) == {1}
        assert len(texts(world)) == 120 and set(texts(world).values()) == {1}, (
            "and nobody was paged another way instead"
        )


@pytest.mark.slow
@pytest.mark.timeout(200)
async def test_who_waits_behind_a_server_that_hangs_is_told_another_way(database_url: str) -> None:
    async with paged(database_url, 80, 60.0, MAILS_ALONE) as world:
        # Two turns of eight take thirty seconds until they are given up; ten would take two minutes and a half.
        await until(lambda: told_otherwise(world) == 80, seconds=60)


def told_otherwise(world: World) -> int:
    """How many incidents came by SMS or direct message."""
    direct = [message.words for message in world.outside.workspace.messages if message.channel.startswith("D")]
    said = " ".join([*direct, *texts(world)])
    return sum(f"down-{number}-" in said for number in range(80))
