"""Bodies that do not come: their connections are let go of, and nobody else waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from handlers.web import application

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """One address that answers with the length of the body, after longer than a body may take."""

    async def length(request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(0.3)
        return web.json_response(len(body))

    server = TestServer(application([web.post("/length", length)], body_seconds=0.2))
    async with TestClient(server) as client:
        yield client


async def test_a_body_that_stops_half_way_is_given_up(client: Client) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(b"POST /length HTTP/1.1\r\nHost: v\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf")
    assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
    await reader.readuntil(b"the body did not arrive in time")
    writer.close()


async def test_a_piece_now_and_then_is_not_enough(client: Client) -> None:
    async def drops() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x"
            await asyncio.sleep(0.02)

    async with client.post("/length", data=drops()) as answer:
        assert (answer.status, answer.content_type) == (408, "application/problem+json")


async def test_what_takes_long_once_the_body_is_there_is_waited_for(client: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(0.05)
        yield b"y"

    async with client.post("/length", data=pieces()) as answer:
        assert (answer.status, await answer.json()) == (200, 2)
