"""Answers that are not Slack's: a gateway's page, half a body, another program. None of them is a fault of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import wall_now
from bot.engine.addresses import Addresses
from bot.notifiers.slack import SlackMessages
from bot.sockets import library, preflight
from domain.errors import DeliveryError
from storage.store import Store

ANSWERS = [
    pytest.param(500, "text/plain", "Internal Server Error", id="words and a 500"),
    pytest.param(503, "text/html", "<html>", id="a page and a 503"),
    pytest.param(403, "text/html", "<html>", id="a page and a 403"),
    pytest.param(404, "text/html", "", id="nothing and a 404"),
    pytest.param(200, "text/plain", "ok", id="words and a 200"),
    pytest.param(200, "text/html", "<html>", id="a page and a 200"),
    pytest.param(200, "application/json", '{"ok": tr', id="half a body"),
    pytest.param(200, "application/json", "[]", id="a list"),
    pytest.param(200, "application/json", "[1]", id="a longer list"),
    pytest.param(200, "application/json", "", id="nothing"),
]


async def asked_to_wait(said: str) -> float | None:
    """How long a post waits that Slack answers with this Retry-After."""

    async def answer(asked: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": said})

    app = web.Application()
    app.router.add_route("*", "/{method}", answer)
    async with TestServer(app) as server:
        with pytest.raises(DeliveryError) as caught:
            slack = SlackMessages(AsyncWebClient(token="xoxb-1", base_url=str(server.make_url("/")), retry_handlers=[]))
            await slack.post("C1", "hello", [{"type": "divider"}], key="card:1")
    return caught.value.retry_after


@pytest.mark.parametrize(
    ("said", "seconds"), [("0", 1.0), ("-3", 1.0), ("2", 2.0), ("nan", 30.0), ("inf", 30.0), ("soon", 30.0)]
)
async def test_a_slack_that_asks_for_no_rest_is_given_one(said: str, seconds: float) -> None:
    assert await asked_to_wait(said) == seconds


async def test_a_list_that_slack_limits_keeps_no_message_from_its_channel(store: Store) -> None:
    async def answer(asked: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "30"})

    app = web.Application()
    app.router.add_route("*", "/conversations.list", answer)
    async with TestServer(app) as server:
        slack = SlackMessages(AsyncWebClient(token="xoxb-1", base_url=str(server.make_url("/")), retry_handlers=[]))
        addresses = Addresses(store, slack, asyncio.get_running_loop().time, wall_now)
        await addresses.prepare()
        assert await addresses.channel("#fresh") == "#fresh"


@pytest.fixture
async def client(request: pytest.FixtureRequest) -> AsyncIterator[AsyncWebClient]:
    status, kind, body = request.param

    async def answer(asked: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=kind)

    app = web.Application()
    app.router.add_route("*", "/{method}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield AsyncWebClient(token="xoxb-1", base_url=f"http://127.0.0.1:{port}/", retry_handlers=[])
    await runner.cleanup()


@pytest.mark.parametrize("client", [pytest.param(one.values, id=one.id) for one in ANSWERS], indirect=True)
async def test_what_is_not_slack_counts_as_slack_being_away(client: AsyncWebClient) -> None:
    with pytest.raises(DeliveryError) as caught:
        await SlackMessages(client).post("C1", "hello", [{"type": "divider"}], key="card:1")
    assert caught.value.is_outage
    assert not caught.value.permanent
    assert caught.value.ambiguous, "the message may be there all the same"
    assert not (await preflight(client, "xapp-1")).is_there, "a Slack that is away stops no start"


@pytest.mark.parametrize("client", [(200, "application/json", '{"ok": true}')], indirect=True)
async def test_a_yes_without_the_message_is_a_doubt(client: AsyncWebClient) -> None:
    slack = SlackMessages(client)
    with pytest.raises(DeliveryError) as posted:
        await slack.post("C1", "hello", [{"type": "divider"}], key="card:1")
    with pytest.raises(DeliveryError) as opened:
        await slack.direct("U1")
    assert [(one.value.permanent, one.value.ambiguous) for one in (posted, opened)] == [(False, True)] * 2


@pytest.mark.parametrize(
    ("client", "said"),
    [
        pytest.param((429, "text/plain", ""), "Failed to connect (Slack is rate limiting); retrying", id="busy"),
        pytest.param(
            (502, "text/plain", "Bad Gateway"), "Failed to connect (Slack answers HTTP 502); retrying", id="a gateway"
        ),
    ],
    indirect=["client"],
)
async def test_a_connection_that_does_not_open_says_why(
    client: AsyncWebClient, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    socket = SocketModeClient("xapp-1", web_client=client, logger=library)
    opening = asyncio.ensure_future(socket.connect())  # type: ignore[no-untyped-call]
    async with asyncio.timeout(10):
        while not caplog.records:
            await asyncio.sleep(0.01)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    await socket.close()  # type: ignore[no-untyped-call]
    assert caplog.records[0].getMessage() == said
