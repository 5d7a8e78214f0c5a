"""`DiscordWebhook` against a webhook with Discord's limits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.demo.discord import DiscordServer
from bot.demo.provider_faults import Fault
from bot.notifiers.base import DiscordPost
from bot.notifiers.destinations import Destinations
from bot.notifiers.discord import DiscordWebhook
from domain.errors import DeliveryError

LOCAL = Destinations(is_private_allowed=True, schemes=("http",))
NOW = datetime(2026, 11, 23, 3, 4, 5, tzinfo=UTC)


@contextlib.asynccontextmanager
async def discord_and_webhook() -> AsyncIterator[tuple[DiscordServer, DiscordWebhook, DiscordPost]]:
    async with DiscordServer(lambda: NOW) as server:
        post = DiscordPost(server.webhook, "SEV1 redis-prod: @everyone cluster down")
        discord = DiscordWebhook(LOCAL, (server.prefix,))
        yield server, discord, post
        await discord.close()


async def refusal(sending: Awaitable[object]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await sending
    return caught.value


async def test_a_post_arrives_and_rings_nobody() -> None:
    async with discord_and_webhook() as (server, discord, post):
        receipt = await discord.send(post)
        received = await server.inbox.wait_for()
    assert (received.reference, received.text) == (receipt.reference, post.text)
    assert received.mentions == ()


async def test_an_edit_changes_the_post_in_place() -> None:
    async with discord_and_webhook() as (server, discord, post):
        first = await discord.send(post)
        second = await discord.send(replace(post, text="resolved", message_id=first.reference))
        assert second.reference == first.reference
        assert [message.text for message in server.inbox.messages] == ["resolved"]


async def test_a_limit_says_how_long_to_wait() -> None:
    async with discord_and_webhook() as (server, discord, post):
        server.faults.next(Fault(status=429, retry_after=1.5))
        error = await refusal(discord.send(post))
        assert (error.permanent, error.retry_after, error.ambiguous) == (False, 1.5, False)


async def test_a_version_that_counts_milliseconds_is_never_asked() -> None:
    async with discord_and_webhook() as (server, discord, post):
        for version in ("v6/", "v10/"):
            server.faults.next(Fault(status=429, retry_after=1.5))
            named = replace(post, webhook=post.webhook.replace("webhooks/", f"{version}webhooks/"))
            assert (await refusal(discord.send(named))).retry_after == 1.5


async def test_what_discord_refuses_stays_refused() -> None:
    async with discord_and_webhook() as (server, discord, post):
        for wrong in (
            replace(post, text="x" * 2001),
            replace(post, text=""),
            replace(post, webhook=f"{server.prefix}webhooks/1/gone"),
            replace(post, message_id="999"),
        ):
            error = await refusal(discord.send(wrong))
            assert (error.permanent, error.ambiguous) == (True, False)


async def test_a_policy_cannot_make_us_call_another_address() -> None:
    discord = DiscordWebhook(Destinations())
    for webhook in ("http://127.0.0.1:1/api/webhooks/1/x", "https://discord.com.evil.example/api/", ""):
        assert (await refusal(discord.send(DiscordPost(webhook, "x")))).permanent
    await discord.close()


async def test_nor_one_inside_the_network_whatever_its_name_says() -> None:
    discord = DiscordWebhook(Destinations(), ("https://localhost:1/api/",))
    error = await refusal(discord.send(DiscordPost("https://localhost:1/api/webhooks/1/x", "x")))
    await discord.close()
    assert (error.permanent, error.ambiguous) == (True, False)
    assert "inside the network" in error.reason


async def test_a_lost_answer_is_ambiguous_for_a_post_and_not_for_an_edit() -> None:
    async with discord_and_webhook() as (server, discord, post):
        first = await discord.send(post)
        server.faults.always(Fault(accept=True, cut=True))
        assert (await refusal(discord.send(post))).ambiguous
        error = await refusal(discord.send(replace(post, message_id=first.reference)))
        assert (error.permanent, error.ambiguous) == (False, False)


async def test_in_a_thread_the_message_is_edited_there() -> None:
    async with discord_and_webhook() as (server, discord, post):
        threaded = replace(post, webhook=f"{post.webhook}?thread_id=99")
        first = await discord.send(threaded)
        await discord.send(replace(threaded, text="resolved", message_id=first.reference))
        assert [(message.text, message.thread) for message in server.inbox.messages] == [("resolved", "99")]
        assert (await refusal(discord.send(replace(post, text="x", message_id=first.reference)))).permanent


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"HTTP/1.1 204 No Content\r\n\r\n", b"nonsense\r\n\r\n"],
)
async def test_what_is_no_answer_of_discords_is_no_receipt_and_does_not_tell_the_key(answer: bytes) -> None:
    async with answering(answer) as origin:
        discord = DiscordWebhook(LOCAL, api=f"{origin}/api/")
        error = await refusal(discord.send(DiscordPost("https://discord.com/api/webhooks/1/the-key", "x")))
        await discord.close()
    assert (error.permanent, error.ambiguous) == (False, True)
    assert "the-key" not in error.reason


@contextlib.asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """The origin of a server that says the same to everybody."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_nobody_listening_is_temporary() -> None:
    async with discord_and_webhook() as (server, discord, post):
        await server.close()
        error = await refusal(discord.send(post))
        assert (error.permanent, error.ambiguous) == (False, False)
