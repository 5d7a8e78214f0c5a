"""The Slack double's clocks, limits, outages and locks, met by the real slack_sdk client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientError, ServerDisconnectedError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.rates import RateLimits
from tests.integration.bolt_stage import NOTE_FORM, Stage, error_of, staged


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(connections=0) as open_stage:
        yield open_stage


@pytest.mark.parametrize(("age", "error"), [(2.9, None), (3.1, "expired_trigger_id")])
async def test_a_trigger_lives_three_seconds(age: float, error: str | None) -> None:
    time = [100.0]
    async with staged(connections=0, now=lambda: time[0]) as stage:
        trigger = stage.server.backend.triggers.issue(stage.ada_id)
        time[0] += age
        assert await error_of(stage.client.views_open(trigger_id=trigger, view=NOTE_FORM)) == error


async def test_a_trigger_opens_one_modal_only(stage: Stage) -> None:
    trigger = stage.server.backend.triggers.issue(stage.ada_id)
    await stage.client.views_open(trigger_id=trigger, view=NOTE_FORM)
    again = stage.client.views_open(trigger_id=trigger, view=NOTE_FORM)
    assert await error_of(again) == "exchanged_trigger_id"


async def test_a_fifth_message_in_a_breath_is_too_many() -> None:
    time = [0.0]
    async with staged(connections=0, now=lambda: time[0]) as stage:
        for _ in range(4):
            await stage.client.chat_postMessage(channel=stage.channel.id, text="hello")
        with pytest.raises(SlackApiError) as caught:
            await stage.client.chat_postMessage(channel=stage.channel.id, text="hello")
        response = caught.value.response
        assert (response.status_code, response["error"]) == (429, "ratelimited")
        assert response.headers["Retry-After"] == "1"
        time[0] += 1
        await stage.client.chat_postMessage(channel=stage.channel.id, text="hello")
        assert len(stage.workspace.rate_limited) == 1
        assert stage.workspace.refused == []


async def test_a_tier_is_calls_a_minute() -> None:
    time = [0.0]
    async with staged(connections=0, now=lambda: time[0]) as stage:
        for number in range(20):
            await stage.client.conversations_create(name=f"inc-{number}")
        assert await error_of(stage.client.conversations_create(name="inc-20")) == "ratelimited"


async def test_an_outage_and_its_end(stage: Stage) -> None:
    async def fails(patience: float) -> bool:
        try:
            await asyncio.wait_for(stage.client.auth_test(), patience)
        except (SlackApiError, ClientError, TimeoutError):
            return True
        return False

    for mode in ("http500", "refuse", "hang"):
        await stage.server.go_down(mode)
        assert await fails(0.2), mode
        await stage.server.come_back()
        assert not await fails(5), mode
    assert stage.workspace.refused == []


async def test_planned_faults(stage: Stage) -> None:
    stage.server.fail_next("chat.postMessage", "fatal_error")
    assert await error_of(stage.client.chat_postMessage(channel=stage.channel.id, text="one")) == "fatal_error"
    stage.server.rate_limit_next("chat.postMessage", 30)
    assert await error_of(stage.client.chat_postMessage(channel=stage.channel.id, text="two")) == "ratelimited"
    stage.server.lose_answer_next("chat.postMessage")
    with pytest.raises(ServerDisconnectedError):
        await stage.client.chat_postMessage(channel=stage.channel.id, text="three")
    assert [message.text for message in stage.workspace.messages_in("#sre-incidents")] == ["three"]
    assert stage.workspace.refused == []


async def test_tokens_and_scopes() -> None:
    async with staged(connections=0, scopes={"chat:write"}) as stage:
        client, server = stage.client, stage.server
        url = server.api_url
        assert await error_of(AsyncWebClient(token="xoxb-other", base_url=url).auth_test()) == "invalid_auth"
        assert await error_of(AsyncWebClient(base_url=url).auth_test()) == "not_authed"
        app_client = AsyncWebClient(token=server.app_token, base_url=url)
        assert await error_of(app_client.auth_test()) == "not_allowed_token_type"
        assert await error_of(client.pins_add(channel=stage.channel.id, timestamp="1.0")) == "missing_scope"
        assert await error_of(client.api_call("chat.unheardOf")) == "unknown_method"
        stage.workspace.add_channel("elsewhere")
        assert await error_of(client.chat_postMessage(channel="#elsewhere", text="hi")) == "not_in_channel"


async def test_one_channel_has_one_allowance() -> None:
    async with staged(connections=0, now=lambda: 0.0) as stage:
        posts = [stage.ada_id, stage.workspace.direct_channel(stage.ada_id).id] * 3
        answers = [await error_of(stage.client.chat_postMessage(channel=to, text="hi")) for to in posts]
        assert answers == [None] * 4 + ["ratelimited"] * 2


async def test_limits_can_be_lifted() -> None:
    async with staged(connections=0, rates=RateLimits(enabled=False)) as stage:
        for _ in range(10):
            await stage.client.chat_postMessage(channel=stage.channel.id, text="hello")


async def test_a_slow_method(stage: Stage) -> None:
    stage.server.delay("auth.test", 0.2)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stage.client.auth_test(), 0.05)
    stage.server.delay("auth.test", 0)
    await stage.client.auth_test()


async def test_an_outage_of_the_sockets_too() -> None:
    async with staged(connections=1) as stage:
        await stage.server.go_down("refuse", sockets=True)
        async with asyncio.timeout(15):
            while stage.server.sockets.links:
                await asyncio.sleep(0.01)
        await stage.server.come_back()
        await stage.server.sockets.wait_connected(1)
        await stage.ada.command("/incident", "list")
