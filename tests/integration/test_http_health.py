"""Health without a token, and one form of refusal for everything, what nobody foresaw among it."""

from __future__ import annotations

import logging
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from domain.errors import Unavailable
from handlers.health.http import Check
from handlers.web import application
from tests.integration.http_stage import INCIDENTS, WEBHOOK, api_at


async def test_alive_and_ready(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        answer, alive = await api.ask("GET", "/healthz", token="")
        assert (answer.status, alive["status"]) == (200, "alive")
        assert re.match(r"\d+\.\d+", alive["version"])
        answer, ready = await api.ask("GET", "/readyz/", token="")
        assert (answer.status, ready["status"]) == (200, "ready")
        assert ready["checks"] == {"database": {"ok": True, "detail": "as it should be"}}


async def test_one_part_that_fails_makes_it_unready(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        api.parts.checks = {"database": Check(True, "fine"), "socket": Check(False, "0 connections are open")}
        answer, ready = await api.ask("GET", "/readyz", token="")
        assert (answer.status, ready["status"]) == (503, "not ready")
        assert ready["checks"]["socket"] == {"ok": False, "detail": "0 connections are open"}
        assert (await api.ask("GET", "/healthz", token=""))[0].status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/api/v2/incidents/", 404),
        ("GET", f"{INCIDENTS}INC-AAAAAA/nothing/", 404),
        ("GET", f"{INCIDENTS}INC-AAAAAA", 404),
        ("GET", WEBHOOK, 405),
        ("DELETE", INCIDENTS, 405),
        ("PATCH", "/healthz", 405),
    ],
)
async def test_refusals_have_one_form(sqlite_url: str, method: str, path: str, status: int) -> None:
    async with api_at(sqlite_url) as api:
        answer, problem = await api.ask(method, path)
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
        assert set(problem) == {"type", "title", "status", "detail", "errors"}
        assert (problem["status"], problem["title"]) == (status, answer.reason)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert ("Allow" in answer.headers) == (status == 405)


async def test_an_expectation_that_nobody_knows(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        head = "GET /healthz HTTP/1.1\r\nHost: vigie\r\nConnection: close\r\nExpect: the worst\r\n\r\n"
        answer = await api.raw(head.encode())
        assert answer.startswith(b"HTTP/1.1 417 ")
        assert b"application/problem+json" in answer


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
async def test_what_nobody_foresaw_says_nothing_of_itself(caplog: pytest.LogCaptureFixture, accept: str) -> None:
    async def fail(_: web.Request) -> web.Response:
        raise LookupError("a secret inside")

    async with TestClient(TestServer(application([web.get("/fail/", fail)]))) as client:
        with caplog.at_level(logging.ERROR):
            answer = await client.get("/fail", headers={"Accept": accept})
        problem = await answer.json()
        assert (answer.status, answer.content_type) == (500, "application/problem+json")
        assert "secret" not in str(problem)
        reference = problem["detail"].rsplit(" ", 1)[1]
        assert f"GET /fail failed; the reference {reference}" in caplog.text
        assert "LookupError: a secret inside" in caplog.text


async def test_a_database_that_is_away_asks_to_come_back() -> None:
    async def busy(_: web.Request) -> web.Response:
        raise Unavailable("the database does not answer; try again in a moment")

    async with TestClient(TestServer(application([web.post("/busy", busy)]))) as client:
        answer = await client.post("/busy/")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert "try again" in (await answer.json())["detail"]
