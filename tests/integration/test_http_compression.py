"""Compressed bodies: read where sources send them, and no way to keep the process busy for whoever has no token."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import json
import time
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from aiohttp import web

from bot.listener import LINGER_SECONDS, Listener
from handlers.alerts.http import Secrets
from storage.store import Store
from tests.integration.http_stage import WEBHOOK, api_at, api_on
from tests.world import alert_body

MEBIBYTE = 1024 * 1024


def bomb(mebibytes: int) -> bytes:
    """gzip's beginning of so many MiB of blanks, at a thousandth of their length."""
    packer = zlib.compressobj(wbits=-15)
    piece = packer.compress(b" " * MEBIBYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + piece * mebibytes


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where `/refused` answers 401 without a look at the body, and `/healthz` answers."""

    async def refused(_: web.Request) -> web.Response:
        return web.Response(status=401)

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    listener = Listener([web.post("/refused", refused), web.get("/healthz", healthz)])
    yield await listener.start("127.0.0.1", 0)
    await listener.stop()


@pytest.mark.parametrize(("path", "status"), [("/refused", b"401"), ("/healthz", b"405"), ("/nothing", b"404")])
async def test_a_bomb_that_is_refused_keeps_nobody_waiting(port: int, path: str, status: bytes) -> None:
    body = bomb(1000)
    assert len(body) < MEBIBYTE
    head = f"POST {path} HTTP/1.1\r\nHost: v\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    refused = asyncio.create_task(_answer(port, head.encode() + body))
    answered = [time.monotonic()]
    while not refused.done() or len(answered) < 10:
        assert await _answer(port, b"GET /healthz HTTP/1.1\r\nHost: v\r\n\r\n") == b"200"
        answered.append(time.monotonic())
    assert await refused == status
    assert max(later - one for one, later in pairwise(answered)) < LINGER_SECONDS / 2


async def _answer(port: int, request: bytes) -> bytes:
    """The status that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        return (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
    finally:
        writer.close()


def _deflated(body: bytes, wbits: int) -> bytes:
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize("encoding", ["gzip", "GZip", "x-gzip", "deflate", "deflate without its head", "two parts"])
async def test_what_sources_compress_is_read(sqlite_url: str, encoding: str) -> None:
    body = json.dumps(alert_body()).encode()
    sent = {
        "deflate": lambda: _deflated(body, 15),
        "deflate without its head": lambda: _deflated(body, -15),
        "two parts": lambda: gzip.compress(body[:50]) + gzip.compress(body[50:]),
    }.get(encoding, lambda: gzip.compress(body))()
    named = {"two parts": "gzip"}.get(encoding, encoding.split()[0])
    async with api_at(sqlite_url) as api:
        answer, shown = await api.ask("POST", WEBHOOK, sent, Content_Encoding=named)
        assert (answer.status, shown.get("opened")) == (202, True)


@pytest.mark.parametrize("encoding", ["", "identity"])
async def test_a_body_that_is_said_to_be_as_it_is(sqlite_url: str, encoding: str) -> None:
    async with api_at(sqlite_url) as api:
        sent = json.dumps(alert_body()).encode()
        answer, _ = await api.ask("POST", WEBHOOK, sent, Content_Encoding=encoding)
        assert answer.status == 202


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "nonsense"])
async def test_what_nobody_can_inflate_here_is_refused_with_what_can_be(sqlite_url: str, encoding: str) -> None:
    async with api_at(sqlite_url) as api:
        head = f"POST {WEBHOOK} HTTP/1.1\r\nHost: v\r\nConnection: close\r\nAuthorization: Token {api.token}\r\n"
        answer = await api.raw(f"{head}Content-Encoding: {encoding}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        assert answer.startswith(b"HTTP/1.1 415 ")
        assert b"\r\nAccept-Encoding: gzip, deflate\r\n" in answer
        assert b"gzip" in answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"not gzip", id="words"),
        pytest.param(gzip.compress(b'{"alerts": []}')[:-9], id="cut off"),
        pytest.param(gzip.compress(b"{}") + b"more", id="words behind it"),
        pytest.param(gzip.compress(b"") * 1000, id="a thousand parts of nothing"),
    ],
)
async def test_a_body_that_is_not_compressed_as_it_says_is_told_so(sqlite_url: str, body: bytes) -> None:
    async with api_at(sqlite_url) as api:
        head = f"POST {WEBHOOK} HTTP/1.1\r\nHost: v\r\nConnection: close\r\nAuthorization: Token {api.token}\r\n"
        head += f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
        answer = await api.raw(head.encode() + body)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["detail"] == "the body is not compressed as it says (gzip)"


@pytest.mark.parametrize(("mebibytes", "status"), [(1, 400), (2, 413), (1000, 413)])
async def test_no_more_than_a_mebibyte_is_inflated(sqlite_url: str, mebibytes: int, status: int) -> None:
    async with api_at(sqlite_url) as api:
        answer, _ = await api.ask("POST", WEBHOOK, bomb(mebibytes), Content_Encoding="gzip")
        assert answer.status == status


async def test_what_is_signed_is_the_body_that_was_compressed(store: Store) -> None:
    body = json.dumps(alert_body()).encode()
    signature = hmac.new(b"shared", body, hashlib.sha256).hexdigest()
    async with api_on(store, Secrets(lambda: datetime.now(UTC), grafana=("shared",))) as api:
        path = WEBHOOK.replace("alertmanager", "grafana")
        sent = {"Content_Encoding": "gzip", "X_Grafana_Alerting_Signature": signature}
        answer, shown = await api.ask("POST", path, gzip.compress(body), token="", **sent)
        assert (answer.status, shown.get("opened")) == (202, True)
