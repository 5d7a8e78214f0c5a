"""What is not HTTP, and whoever is slow at it: refused in the form of all refusals, quietly, and let go of soon."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import AsyncIterator

import psutil
import pytest
from aiohttp import web

from bot.listener import Listener
from domain.errors import VigieError

HEAD = b"POST /length HTTP/1.1\r\nHost: v\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
LONG = b"x" * 9000


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where `/length` says how long a body is, and `/much` more than a socket holds, to those who are quick."""

    async def length(request: web.Request) -> web.Response:
        return web.json_response(len(await request.read()))

    async def much(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 32_000_000)

    listener = Listener([web.post("/length", length), web.get("/much", much)], head_seconds=0.5, answer_seconds=0.3)
    yield await listener.start("127.0.0.1", 0)
    await listener.stop()


async def _told(port: int, *pieces: bytes) -> bytes:
    """All that comes back for `pieces`, which come one after the other, until the other side hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number, piece in enumerate(pieces):
        if number:
            await asyncio.sleep(0.05)
        writer.write(piece)
    try:
        async with asyncio.timeout(8):
            return await reader.read()
    except ConnectionError:
        # It hung up while there was more to say.
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        pytest.param([b"\x16\x03\x01\x02\x00\x01\r\n\r\n"], 400, id="TLS"),
        pytest.param([b"nonsense\r\n\r\n"], 400, id="the first line"),
        pytest.param([b"G@T / HTTP/1.1\r\nHost: v\r\n\r\n"], 400, id="the method"),
        pytest.param([b"GET / HTTP/7.x\r\nHost: v\r\n\r\n"], 400, id="the version"),
        pytest.param([b"GET http://[::1 HTTP/1.1\r\nHost: v\r\n\r\n"], 400, id="the address"),
        pytest.param([HEAD + b"not a header\r\n\r\n"], 400, id="a header"),
        pytest.param([HEAD + b"A: b\0c\r\n\r\n"], 400, id="NUL in a header"),
        pytest.param([HEAD + b"A: " + LONG + b"\r\n\r\n"], 431, id="a long header"),
        pytest.param([b"GET /" + LONG + b" HTTP/1.1\r\nHost: v\r\n\r\n"], 431, id="a long address"),
        pytest.param([HEAD + b"A: b\r\n" * 300 + b"\r\n"], 400, id="many headers"),
        pytest.param([HEAD + b"Content-Length: two\r\n\r\n{}"], 400, id="a length in letters"),
        pytest.param([HEAD + b"Content-Length: -2\r\n\r\n{}"], 400, id="a length below nothing"),
        pytest.param([HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"], 400, id="two lengths"),
        pytest.param([HEAD + b"Transfer-Encoding: nonsense\r\n\r\n{}"], 400, id="the encoding"),
        pytest.param(
            [HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n"], 400, id="chunks and a length"
        ),
        pytest.param([CHUNKED + b"zz\r\nhello\r\n"], 400, id="a chunk"),
        pytest.param([CHUNKED, b"zz\r\nhello\r\n"], 400, id="a chunk later"),
    ],
)
async def test_what_is_not_http_is_refused_as_all_else_in_one_line_of_the_log(
    port: int, pieces: list[bytes], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    head, _, body = (await _told(port, *pieces)).partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == str(status).encode()
    assert b"Content-Type: application/problem+json" in head.split(b"\r\n")
    assert b"Server: Vigie" in head.split(b"\r\n")
    assert json.loads(body)["status"] == status
    said = [record for record in caplog.records if record.levelno > logging.DEBUG]
    assert len(said) <= 1
    assert all(record.levelno == logging.INFO and not record.exc_info for record in said)


async def test_a_token_in_a_bad_header_is_not_in_the_log(port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert b"secret" not in await _told(port, HEAD + b"Author ization: Token secret\r\n\r\n")
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([], id="nothing"),
        pytest.param([b"GET / HT"], id="half a line"),
        pytest.param([HEAD, *[b"A: b\r\n"] * 12], id="a header now and then"),
    ],
)
async def test_half_a_head_is_given_up(port: int, pieces: list[bytes]) -> None:
    assert await _told(port, *pieces) == b""


async def test_a_connection_that_was_of_use_may_rest_but_not_stop_half_way(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(HEAD + b"Content-Length: 2\r\n\r\n{}")
        assert (await reader.readuntil(b"\r\n\r\n2")).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.6)
    writer.write(b"POST /len")
    async with asyncio.timeout(8):
        assert await reader.read() == b""
    writer.close()


def taken_in(port: int) -> int:
    """How many connections to `port` take a file of this process: what waits to be taken in takes none."""
    mine = psutil.Process().net_connections("tcp4")
    return sum(one.laddr.port == port and one.status == psutil.CONN_ESTABLISHED for one in mine)


async def test_the_oldest_that_is_idle_makes_room_and_none_that_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    waited = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        await waited.wait()
        return web.Response(text="at last")

    listener = Listener([web.get("/slow", slow)], most=3)
    port = await listener.start("127.0.0.1", 0)
    opened = [await asyncio.open_connection("127.0.0.1", port)]
    opened[0][1].write(b"GET /slow HTTP/1.1\r\nHost: v\r\n\r\n")
    for _ in range(6):
        await asyncio.sleep(0.05)
        opened.append(await asyncio.open_connection("127.0.0.1", port))
    async with asyncio.timeout(8):
        assert [await reader.read() for reader, _ in opened[1:5]] == [b""] * 4
        waited.set()
        assert b"at last" in await opened[0][0].readuntil(b"at last")
    assert not any(reader.at_eof() for reader, _ in opened[5:])
    opened += await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(100)))
    async with asyncio.timeout(8):
        while taken_in(port) > 3:
            await asyncio.sleep(0.05)
    for _, writer in opened:
        writer.close()
    await listener.stop()
    gc.collect()
    assert "Traceback" not in caplog.text


async def test_whoever_does_not_take_an_answer_is_let_go_of(port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(b"GET /much HTTP/1.1\r\nHost: v\r\n\r\n")
    async with asyncio.timeout(8):
        while "did not take an answer" not in caplog.text:
            await asyncio.sleep(0.05)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(32_000_000)
    writer.close()


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("127.0.0.1", "PORT: something listens on 127.0.0.1:{port} already"),
        ("192.0.2.1", "HOST: this machine has no address 192.0.2.1"),
        ("no such host", "HOST: nobody knows no such host"),
        ("vigie..example.com", "HOST: nobody knows vigie..example.com"),
    ],
)
async def test_where_nothing_can_listen(port: int, host: str, said: str) -> None:
    with pytest.raises(VigieError, match=said.format(port=port)):
        await Listener([]).start(host, port)
