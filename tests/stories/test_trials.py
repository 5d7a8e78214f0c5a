"""Test me: each of one's channels tried out, confirmed where it arrived, and told where it did not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot.demo.provider_faults import Fault
from bot.demo.visible import words
from tests.stories.modals import Modal
from tests.world import World, read, world_on

JOHN, LEA = "+33600000002", "+33600000003"


@pytest.fixture
async def linked(database_url: str) -> AsyncIterator[World]:
    """A Vigie that phones reach."""
    async with world_on(
        database_url, public_url="https://vigie.example.com", secret_key="a-secret-of-the-tests-only"
    ) as running:
        yield running
        running.finish()


def path_in(message: str) -> str:
    found = re.search(r"https://vigie\.example\.com(/t/[\w.-]+)", message)
    assert found, message
    return found[1]


async def test_every_channel_is_tried_and_confirmed(linked: World) -> None:
    world = linked
    john = await world.home("john")
    await john.click("🧪 Test me")
    assert "Slack accepted, not confirmed · SMS accepted, not confirmed" in john.words
    sms = world.phone(JOHN).expect_sms("TEST of Vigie", "Nothing is wrong")
    mail = world.mailbox("john.doe@example.com").expect_mail("[Vigie] TEST", "John Doe, nothing is wrong")
    direct = world.direct("john")
    assert "TEST" in direct.words
    await direct.click("I got it", as_="john")
    assert "you got it" in direct.words and direct.buttons == []
    assert "Slack ✅ confirmed · SMS accepted" in john.words
    for message in (sms.text, mail.text):
        path = path_in(message)
        async with world.http.get(path) as answer:
            assert answer.status == 200 and "Press the button" in await answer.text()
        assert "SMS ✅" not in john.words or message is not sms.text
        async with world.http.post(path) as answer:
            assert answer.status == 200 and "It is noted" in await answer.text()
        await world.settle()
    assert "Slack ✅ confirmed · SMS ✅ confirmed · e-mail ✅ confirmed" in john.words
    assert "0 open incidents" in john.words
    status, listed = await world.get("/api/v1/incidents/")
    assert status == 200 and listed["count"] == 0


async def test_a_test_s_link_does_nothing_else(linked: World) -> None:
    world = linked
    await world.command("/oncall", "test-me", as_="john")
    world.direct("john")
    world.mailbox("john.doe@example.com").expect_mail()
    path = path_in(world.phone(JOHN).expect_sms().text)
    for other in (path.replace("/t/", "/a/"), path[:-1] + ("A" if path[-1] != "A" else "B"), "/t/x"):
        async with world.http.post(other) as answer:
            assert answer.status == 404
    await world.advance(minutes=2)
    await world.command("/oncall", "test-me", as_="john")
    world.direct("john")
    world.mailbox("john.doe@example.com").expect_mail()
    world.phone(JOHN).expect_sms()
    async with world.http.post(path) as answer:
        assert answer.status == 404 and "test of another time" in await answer.text()


async def test_once_a_minute_in_one_s_language(world: World) -> None:
    said = await world.command("/oncall", "test-me", as_="lea")
    assert said and "Un test part vers vous\u00a0: Slack, SMS et e-mail" in said.words
    assert "TEST de Vigie" in world.phone(LEA).expect_sms("Tout va bien").text
    world.mailbox("lea@example.com").expect_mail("TEST")
    direct = world.direct("lea")
    assert direct.buttons == ["Bien reçu"]
    said = await world.command("/oncall", "test-me", as_="lea")
    assert said and "moins d'une minute" in said.words
    home = await world.home("lea")
    assert "SMS accepté, non confirmé" in home.words
    await home.click("🧪 Testez-moi")
    assert "moins d'une minute" in Modal(world, "lea").words
    await direct.click("Bien reçu", as_="lea")
    assert "Slack ✅ confirmé" in home.words


async def test_what_is_refused_says_why(world: World) -> None:
    world.outside.ovh.refused_numbers.add(JOHN)
    world.outside.mail.faults.next(Fault(status=550, message="no such mailbox"))
    john = await world.home("john")
    await john.click("🧪 Test me")
    world.direct("john")
    assert f"SMS ❌ OVH refused the number {JOHN}" in john.words
    assert "e-mail ❌ SMTP 550 no such mailbox" in john.words
    await world.advance(minutes=2)
    world.outside.ovh.refused_numbers.clear()
    await john.click("🧪 Test me")
    world.direct("john")
    world.phone(JOHN).expect_sms("TEST")
    world.mailbox("john.doe@example.com").expect_mail("TEST")
    assert "SMS accepted" in john.words and "❌" not in john.words


async def test_what_somebody_lacks_is_said(database_url: str) -> None:
    people = "people: [{handle: vera, name: Vera Viewer, slack: U04VERA, role: viewer}]"
    async with world_on(database_url, catalog=[read("organisation.yaml"), people]) as world:
        world.refusals.add("user_not_found")  # she may be asked for before she is in Slack
        world.outside.workspace.add_user("vera", user_id="U04VERA")
        vera = await world.home("vera")
        await vera.click("🧪 Test me")
        assert "TEST" in world.direct("vera").words
        assert "SMS ❌ no phone number is known · e-mail ❌ no e-mail address is known" in vera.words
        world.finish()


async def test_only_its_reader_confirms(world: World) -> None:
    await world.command("/oncall", "test-me", as_="john")
    direct = world.direct("john")
    world.phone(JOHN).expect_sms()
    world.mailbox("john.doe@example.com").expect_mail()
    await world.advance(minutes=2)
    await world.command("/oncall", "test-me", as_="john")
    newer = world.direct("john")
    world.phone(JOHN).expect_sms()
    world.mailbox("john.doe@example.com").expect_mail()
    await direct.click("I got it", as_="john")
    assert any("test of another time" in told for told in world.whispers("john"))
    assert newer.buttons == ["I got it"]
    assert "accepted" in words((await world.home("john")).view.blocks)
