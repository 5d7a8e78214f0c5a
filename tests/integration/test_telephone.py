"""Ringing telephones: through a voice gateway, or OVH's click2Call; and what the doctor says of both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import wall_now
from bot.demo.outside import Outside
from bot.demo.ovh_rules import Grant
from bot.demo.provider_faults import Fault
from bot.doctor.findings import Verdict
from bot.doctor.phone import Phone
from bot.notifiers.base import Call
from bot.notifiers.ovh_calls import OvhCalls
from bot.notifiers.voice_gateway import VoiceGateway
from bot.settings import BadSetting, Settings
from bot.settings import load as load_settings
from domain.errors import DeliveryError

CALL = Call(id="a1", to="+33600000001", text="Bonjour", locale="fr", expires_at=wall_now() + timedelta(minutes=5))


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    found = Outside()
    await found.ovh.start()
    await found.voice.start()
    yield found
    await found.ovh.close()
    await found.voice.close()


async def refusal(sending: Awaitable[Any]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await sending
    return caught.value


async def test_the_gateway_gets_all_it_needs_and_rings_once(outside: Outside) -> None:
    gateway = VoiceGateway(outside.voice.url, outside.voice.secret, wall_now, is_private_allowed=True)
    assert (await gateway.send(CALL)).reference == "voice-a1"
    await gateway.send(CALL)
    [call] = outside.voice.inbox.messages
    assert (call.to, call.text, call.locale, call.keys, outside.voice.asked) == (CALL.to, "Bonjour", "fr", (), 2)
    wrong = await refusal(gateway.send(replace(CALL, id="a2", to="12")))
    assert (wrong.reason, wrong.permanent) == ("the voice gateway answers 422: no such number", True)
    outside.voice.faults.next(Fault(status=429, retry_after=3))
    assert not (await refusal(gateway.send(replace(CALL, id="a3")))).permanent
    await outside.voice.close()
    away = await refusal(gateway.send(CALL))
    assert (away.permanent, away.ambiguous) == (False, False)
    await gateway.close()


async def test_an_answer_of_a_gateway_is_read_to_its_end() -> None:
    async def refuse(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=402)
        await answer.prepare(request)
        for piece in (b'{"error": "no ', b'credit left"}'):
            await answer.write(piece)
            await asyncio.sleep(0.05)
        return answer

    app = web.Application()
    app.router.add_post("/", refuse)
    async with TestServer(app) as server:
        gateway = VoiceGateway(str(server.make_url("/")), "a-secret", wall_now, is_private_allowed=True)
        error = await refusal(gateway.send(CALL))
        assert error.reason == "the voice gateway answers 402: no credit left"
        await gateway.close()


async def test_a_gateway_inside_the_network_takes_a_setting(outside: Outside) -> None:
    for address in (
        outside.voice.url.replace("http:", "https:"),
        "https://localhost/",
        "https://[::1]/",
        "http://x.y/",
    ):
        gateway = VoiceGateway(address, outside.voice.secret, wall_now)
        error = await refusal(gateway.send(CALL))
        assert error.permanent and (
            error.reason.startswith("the voice gateway is inside") or "InvalidURL" in error.reason
        )
        await gateway.close()
    assert not outside.voice.inbox.messages


def ovh(outside: Outside) -> OvhCalls:
    keys = outside.ovh.credentials
    line = outside.ovh.telephony
    return OvhCalls(
        outside.ovh.url,
        keys.application_key,
        keys.application_secret,
        keys.consumer_key,
        line.billing_account,
        line.line,
    )


async def test_ovh_rings_and_no_more(outside: Outside) -> None:
    outside.ovh.grant = Grant(rules=(("GET", "/*"), ("POST", "/*")))
    calls = ovh(outside)
    assert calls.rings_only
    await calls.send(CALL)
    assert outside.ovh.telephony.rung == ["0033600000001"]
    assert (await refusal(calls.send(replace(CALL, to="12")))).permanent
    await calls.close()


async def found(outside: Outside, **said: Any) -> list[tuple[Verdict, str]]:
    """What the doctor finds of telephone calls."""
    unused = {"SMTP_URL": "", "SLACK_API_URL": "", "DISCORD_API_URL": ""}
    named = outside.environment() | outside.voice_environment() | unused
    environment: dict[str, Any] = {name.lower(): value for name, value in named.items()}
    phone = Phone(Settings(**environment | said), None)
    findings = [await check.run() for check in phone.checks]
    await phone.close()
    return [(finding.verdict, finding.what) for finding in findings if finding]


LINKED = {"public_url": "https://vigie.example.com", "secret_key": "s" * 20}


async def test_the_doctor_asks_the_gateway_and_rings_nobody(outside: Outside) -> None:
    assert [verdict for verdict, _ in await found(outside, **LINKED)] == [Verdict.OK, Verdict.OK]
    [_, answers] = await found(outside)
    assert answers[0] is Verdict.WARNING and "PUBLIC_URL and SECRET_KEY not set" in answers[1]
    [wrong, _] = await found(outside, phone_gateway_secret="another-secret-of-somebody")
    assert wrong == (Verdict.ERROR, "the voice gateway refuses our signature (status 401)")
    [inside, _] = await found(outside, phone_private_addresses=False, phone_gateway_url="https://127.0.0.1:9/")
    assert inside[0] is Verdict.ERROR and "PHONE_PRIVATE_ADDRESSES" in inside[1]
    assert await found(outside, phone_provider="") == [
        (Verdict.ERROR, "PHONE_PROVIDER is not set while PHONE_GATEWAY_URL is")
    ]
    assert not outside.voice.inbox.messages
    off = {"phone_provider": "", "phone_gateway_url": "", "phone_gateway_secret": ""}
    assert await found(outside, **off) == [(Verdict.OFF, "not set up")]


async def test_the_doctor_says_that_ovh_rings_only(outside: Outside) -> None:
    outside.ovh.grant = Grant(rules=(("GET", "/*"), ("POST", "/*")))
    line = outside.ovh.telephony
    said = {
        "phone_provider": "ovh",
        "phone_ovh_billing_account": line.billing_account,
        "phone_ovh_line": line.line,
    }
    [known, limits] = await found(outside, **said)
    assert known == (Verdict.OK, f"OVH has the line {line.line}")
    assert limits[0] is Verdict.WARNING and "RINGS ONLY" in limits[1]
    [unknown, _] = await found(outside, **said | {"phone_ovh_line": "0033900000000"})
    assert unknown[0] is Verdict.ERROR and "OVH knows no line 0033900000000" in unknown[1]
    outside.ovh.outage = Fault(status=500)
    [failing, _] = await found(outside, **said)
    assert failing[0] is Verdict.ERROR and "OVH 500" in failing[1]
    assert line.rung == []


def test_half_a_telephone_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONE_PROVIDER", "gateway")
    monkeypatch.setenv("PHONE_GATEWAY_SECRET", "s" * 20)
    with pytest.raises(BadSetting, match="PHONE_GATEWAY_URL: is missing while PHONE_PROVIDER is gateway"):
        load_settings()
    monkeypatch.setenv("PHONE_PROVIDER", "")
    with pytest.raises(BadSetting, match="PHONE_PROVIDER: is not set while PHONE_GATEWAY_SECRET is"):
        load_settings()
    monkeypatch.setenv("PHONE_PROVIDER", "smoke signals")
    with pytest.raises(BadSetting, match="PHONE_PROVIDER"):
        load_settings()
