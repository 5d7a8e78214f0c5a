"""Bodies that do not come: their connections are let go of, and nobody else waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from domain.errors import Conflict
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


@asynccontextmanager
async def slow_api(done: list[str]) -> AsyncIterator[Client]:
    """Changes that take longer than whoever asked for them waits."""

    async def change(request: web.Request) -> web.Response:
        said = await request.text()
        await asyncio.sleep(0.3)
        if said == "wrong":
            raise Conflict("not like this")
        done.append(said)
        return web.json_response(said)

    paths = ("/api/v1/things/", "/api/v1/webhooks/generic/", "/api/v1/tokens/", "/elsewhere/")
    server = TestServer(application([web.post(path, change) for path in paths], prompt_seconds=0.1))
    async with TestClient(server) as client:
        yield client


async def test_a_change_that_takes_long_goes_on_behind_its_answer() -> None:
    done: list[str] = []
    async with slow_api(done) as client:
        async with client.post("/api/v1/things/", data="one") as answer:
            assert (answer.status, answer.content_type) == (503, "application/problem+json")
            assert answer.headers["Retry-After"] == "5"
        assert done == []
    assert done == ["one"], "the end waits for it"


async def test_what_fails_behind_its_answer_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with slow_api([]) as client, client.post("/api/v1/things/", data="wrong") as answer:
        assert answer.status == 503
    assert "a request that was answered 503 did not come to be: not like this" in caplog.text


@pytest.mark.parametrize("path", ["/api/v1/webhooks/generic/", "/api/v1/tokens", "/elsewhere/"])
async def test_what_is_patient_itself_is_waited_for(path: str) -> None:
    async with slow_api([]) as client, client.post(path, data="one") as answer:
        assert answer.status == 200


async def test_a_body_that_is_slow_takes_nothing_of_the_patience() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x"
            await asyncio.sleep(0.05)

    async def length(request: web.Request) -> web.Response:
        return web.json_response(len(await request.read()))

    server = TestServer(application([web.post("/api/v1/things/", length)], prompt_seconds=0.1))
    async with TestClient(server) as client, client.post("/api/v1/things/", data=pieces()) as answer:
        assert (answer.status, await answer.json()) == (200, 4)
