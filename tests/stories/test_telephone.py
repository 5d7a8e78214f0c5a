"""Telephone calls: Vigie rings, says what it is, hears a key; and who does not answer is reached another way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.clock import wall_now
from bot.demo.provider_faults import Fault
from domain.signatures import signed
from tests.stories.test_troubles import ready
from tests.world import World, read, world_on

JOHN, LEA = "+33600000002", "+33600000003"
POLICY = """
Policy: Calls
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  1: {delay: 0 minutes, type: PHONE, target: ON_CALL}
  2: {delay: 10 minutes, type: PHONE, target: USER (team_lead), message: "{incident.title}. Rappelez vite."}
"""


@pytest.fixture
async def ringing(database_url: str) -> AsyncIterator[World]:
    """A Vigie with a voice gateway."""
    async with world_on(database_url, catalog=[read("organisation.yaml"), POLICY], rings=True) as running:
        yield running
        running.finish()


async def test_a_key_acknowledges(ringing: World) -> None:
    world, phone = ringing, ringing.phone(JOHN)
    await world.alert(description="see https://example.com/x")
    call = phone.expect_call(
        "This is Vigie, calling John Doe.", "Critical incident: Redis Cluster Down. Service: redis-prod.", "Press 1"
    )
    assert (call.locale, call.keys) == ("en", ("1", "2"))
    assert "Press 1 to acknowledge" in await phone.press(call, "7")
    assert "It is yours" in await phone.press(call, "1")
    assert "It is yours" in await phone.press(call, "1")
    assert "<@U02JOHN> has it" in world.card().words
    await world.advance(minutes=30)
    assert "You can sleep" not in await phone.press(call, "2")
    world.expect_what_was_said()


async def test_a_key_escalates_once(ringing: World) -> None:
    world, phone = ringing, ringing.phone(JOHN)
    await world.alert()
    call = phone.expect_call()
    assert "Escalated" in await phone.press(call, "2")
    lea = world.phone(LEA).expect_call("C'est Vigie", "Redis Cluster Down. Rappelez vite.", "Appuyez sur 1")
    assert lea.locale == "fr"
    assert "Escalated" in await phone.press(call, "2")
    assert "C'est pour vous" in await world.phone(LEA).press(lea, "1")
    assert "Léa Lead has it already. You can sleep." in await phone.press(call, "1")
    world.expect_what_was_said()


async def test_a_key_that_is_told_again_takes_nothing_that_was_given_back(ringing: World) -> None:
    world, phone = ringing, ringing.phone(JOHN)
    await world.alert()
    call = phone.expect_call()
    assert "It is yours" in await phone.press(call, "1")
    await world.advance(minutes=2)
    await world.card().click("Give it back", as_="john")
    await world.advance(seconds=11)
    lea = world.phone(LEA).expect_call()
    assert "too old to answer" in await phone.press(call, "1")
    assert "Nobody has it yet" in world.card().words
    assert "C'est pour vous" in await world.phone(LEA).press(lea, "1")
    assert "Léa Lead has it already" in await phone.press(call, "1")
    world.expect_what_was_said()


async def test_who_does_not_answer_gets_an_sms_at_once(ringing: World) -> None:
    world, phone = ringing, ringing.phone(JOHN)
    await world.alert()
    call = phone.expect_call()
    await phone.report(call, "no_answer")
    phone.expect_sms("Redis Cluster Down")
    await phone.report(call, "no_answer")
    await phone.report(call, "busy")
    world.card().reply("John Doe not reached by telephone call: nobody answered the telephone", "Trying SMS instead")
    _, listed = await world.get("/api/v1/incidents/")
    _, sent = await world.get(f"/api/v1/incidents/{listed['results'][0]['id']}/notifications/")
    failed = [one for one in sent["results"] if one["channel"] == "PHONE"]
    assert [one["failure"] for one in failed] == ["nobody answered the telephone"]
    assert "It is yours" in await phone.press(call, "1")
    world.expect_what_was_said()


ALONE = """
people: [{handle: john, name: John Doe, slack: U02JOHN, phone: "+33600000002"}]
teams:
  - name: SRE Core
    channel: "#sre-incidents"
    members: [john]
    on_call: {rotations: [{name: primary, start: "2026-01-05T09:00", every: 1w, people: [john]}]}
services: [{name: redis-prod, team: SRE Core}]
"""
ALONE_AGAIN = """
Policy: Calls
Default: true
Steps:
  1: {delay: 0 minutes, type: PHONE, target: ON_CALL}
  2: {delay: 10 minutes, type: PHONE, target: ON_CALL}
"""


async def test_who_is_called_though_they_can_not_take_it_gets_an_sms_when_they_do_not_answer(database_url: str) -> None:
    async with world_on(database_url, catalog=[ALONE, ALONE_AGAIN], rings=True) as world:
        phone = world.phone(JOHN)
        await world.alert()
        first = phone.expect_call()
        await world.card().click("Can't take it", as_="john")
        await phone.report(first, "no_answer")
        assert not phone.texts, "it rang before they said so"
        await world.advance(minutes=10)
        world.card().reply("nobody else is left, so John Doe is paged all the same")
        await phone.report(phone.expect_call(), "no_answer")
        phone.expect_sms("Redis Cluster Down")
        world.expect_what_was_said()


async def test_a_direct_message_beside_it_wakes_nobody_who_does_not_answer(database_url: str) -> None:
    both = POLICY.replace("type: PHONE, target: ON_CALL", "type: SLACK + PHONE, target: ON_CALL")
    async with world_on(database_url, catalog=[read("organisation.yaml"), both], rings=True) as world:
        await world.alert()
        phone = world.phone(JOHN)
        await phone.report(phone.expect_call(), "no_answer")
        phone.expect_sms("Redis Cluster Down")
        world.card().reply("John Doe not reached by telephone call", "Trying SMS instead")
        world.expect_what_was_said()


async def test_silence_after_a_call_goes_another_way(ringing: World) -> None:
    world, phone = ringing, ringing.phone(JOHN)
    await world.alert()
    call = phone.expect_call()
    await world.advance(seconds=100)
    assert not phone.texts
    await world.advance(seconds=30)
    phone.expect_sms("Redis Cluster Down")
    world.card().reply("John Doe not reached by telephone call: no sign that it arrived within 2 min")
    assert "It is yours" in await phone.press(call, "1")
    _, listed = await world.get("/api/v1/incidents/")
    _, sent = await world.get(f"/api/v1/incidents/{listed['results'][0]['id']}/notifications/")
    [receipt] = [one for one in sent["results"] if one["channel"] == "PHONE"]
    assert receipt["delivered_at"] and receipt["acknowledged_at"] and "This is Vigie, calling John" in str(receipt)
    world.expect_what_was_said()


async def test_who_answers_and_presses_nothing_is_not_texted_too(ringing: World) -> None:
    world, phone = ringing, ringing.phone(JOHN)
    await world.alert()
    call = phone.expect_call()
    await phone.report(call, "answered")
    await phone.report(call, "ended")
    await world.advance(minutes=4)
    assert not phone.texts
    await world.advance(minutes=7)
    world.phone(LEA).expect_call()
    world.expect_what_was_said()


async def test_a_gateway_that_is_away_or_refuses_goes_another_way(ringing: World) -> None:
    world = ringing
    world.outside.voice.faults.always(Fault(status=503, message="no trunk"))
    await world.alert()
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    world.card().reply("the voice gateway answers 503: no trunk", "Trying SMS instead")
    world.expect_what_was_said()


async def test_an_answer_that_is_lost_rings_once(ringing: World) -> None:
    world = ringing
    world.outside.voice.faults.next(Fault(cut=True, accept=True))
    await world.alert()
    world.phone(JOHN).expect_sms()
    await world.advance(seconds=5)
    assert world.outside.voice.asked == 2
    world.phone(JOHN).expect_call()
    world.expect_what_was_said()


async def test_a_key_that_comes_in_pieces_counts(ringing: World) -> None:
    world = ringing
    await world.alert()
    call = world.phone(JOHN).expect_call()
    body = json.dumps({"event": "key", "key": "1"}).encode()

    async def pieces() -> AsyncIterator[bytes]:
        yield body[:9]
        await asyncio.sleep(0.05)
        yield body[9:]

    headers = signed(world.outside.voice.secret, wall_now().timestamp(), body)
    async with world.http.post(call.callback, data=pieces(), headers=headers) as answer:
        assert answer.status == 200
    await world.settle()
    assert "<@U02JOHN> has it" in world.card().words
    world.expect_what_was_said()


async def test_a_gateway_that_was_away_for_hours_rings_a_call_that_can_be_answered(ringing: World) -> None:
    world, phone = ringing, ringing.phone(JOHN)
    world.outside.voice.faults.always(Fault(status=503))
    await world.alert()
    for _ in range(30):
        await world.advance(minutes=3)
    world.outside.voice.faults.clear()
    await world.advance(minutes=1)
    call = phone.expect_call("Redis Cluster Down")
    headers = signed(world.outside.voice.secret, wall_now().timestamp(), b"")
    async with world.http.get(call.callback, headers=headers) as answer:
        assert await answer.json() == {"wanted": True}
    assert "It is yours" in await phone.press(call, "1")
    assert "<@U02JOHN> has it" in world.card().words
    phone.expect_sms("Redis Cluster Down")
    world.phone(LEA).expect_sms("Rappelez vite")
    world.expected |= {one.id for one in world.phone(LEA).calls}
    world.expect_what_was_said()


async def test_only_the_gateway_is_believed(ringing: World) -> None:
    world = ringing
    await world.alert()
    call = world.phone(JOHN).expect_call()
    body = json.dumps({"event": "key", "key": "1"}).encode()

    async def post(secret: str, seconds: float, path: str = call.callback) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json", **signed(secret, seconds, body)}
        async with world.http.post(path, data=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    now, secret = wall_now().timestamp(), world.outside.voice.secret
    assert (await post("another-secret-of-somebody", now))[0] == 401
    assert (await post(secret, now - 3600))[0] == 401
    assert (await post(secret, now, call.callback[:-1] + ("A" if call.callback[-1] != "A" else "B")))[0] == 404
    async with world.http.post(call.callback, data=body) as answer:
        assert answer.status == 401
    assert "has it, after" not in world.card().words
    await world.advance(minutes=70)
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    status, told = await post(secret, wall_now().timestamp())
    assert (status, told["status"]) == (200, "expired")
    wrong_ones: list[Any] = [{"event": "dance"}, {"event": "key"}, {"event": "key", "key": "11"}, []]
    for wrong in wrong_ones:
        body = json.dumps(wrong).encode()
        assert (await post(secret, wall_now().timestamp()))[0] == 422
    world.phone(LEA).expect_call()
    world.expect_what_was_said()


async def test_a_call_is_tried_out(ringing: World) -> None:
    world = ringing
    john = await world.home("john")
    await john.click("🧪 Test me")
    world.expect_what_was_said()
    world.phone(JOHN).expect_sms("TEST")
    world.mailbox("john.doe@example.com").expect_mail("TEST")
    call = world.phone(JOHN).expect_call("This is a test of Vigie for John Doe", "Press 1")
    assert "telephone call accepted, not confirmed" in john.words
    await world.phone(JOHN).report(call, "busy")
    assert "telephone call ❌ the line was busy" in john.words
    assert "calls reach you" in await world.phone(JOHN).press(call, "1")
    assert "telephone call ✅ confirmed" in john.words
    await world.advance(minutes=2)
    await john.click("🧪 Test me")
    world.phone(JOHN).expect_call()
    world.phone(JOHN).expect_sms()
    world.mailbox("john.doe@example.com").expect_mail()
    await john.click("📞 My telephone rang")
    assert "telephone call ✅ confirmed" in john.words
    world.expect_what_was_said()


async def test_a_gateway_that_refuses_vigie_is_said_until_it_takes_a_call(ringing: World) -> None:
    world = ringing
    world.outside.voice.faults.always(Fault(status=401, message="wrong signature"))
    await world.alert()
    world.phone(JOHN).expect_sms("INC-")
    assert "nobody is rung" in world.direct("ada").words
    assert "calls: calls_refused since" in await ready(world)
    await world.card().click("Acknowledge", as_="john")
    world.outside.voice.faults.clear()
    await world.alert("Disk full", group="g2", fingerprint="f2")
    world.phone(JOHN).expect_call("Disk full")
    assert await ready(world) == "none is known to be broken"
    world.expect_what_was_said()
