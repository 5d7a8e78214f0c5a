"""Tokens at the door: who may what, made by one process and known to another, gone a second after they are revoked."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text

from bot.clock import SystemClock
from domain.errors import Conflict, Invalid, NotFound, Unauthorized
from handlers.auth import Auth
from handlers.repeats.http import once
from handlers.repeats.service import RepeatService
from handlers.tokens.limits import Allowance, Allowances
from handlers.tokens.service import CACHED_SECONDS, Token, TokenService
from handlers.web import application
from storage.store import Store
from tests.integration.http_stage import INCIDENTS, WEBHOOK, api_at, api_on
from tests.world import TESTER, alert_body

NAME = f"{INCIDENTS}INC-AAAAAA/"
ALERT = json.dumps(alert_body()).encode()


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "token", "BEARER"])
async def test_both_schemes_in_any_case(sqlite_url: str, scheme: str) -> None:
    async with api_at(sqlite_url) as api:
        answer, _ = await api.ask("GET", INCIDENTS, Authorization=f"{scheme} {api.token}")
        assert answer.status == 200


@pytest.mark.parametrize(
    "header", ["", "Token", "Token ", "Basic dTpw", "Token wrong", "vigie_" + "x" * 43, "Bearer " + "é" * 50]
)
async def test_nobody_known_is_told_how_to_ask(sqlite_url: str, header: str) -> None:
    async with api_at(sqlite_url) as api:
        for method, path in (("GET", INCIDENTS), ("POST", WEBHOOK), ("POST", NAME + "acknowledge/")):
            answer, problem = await api.ask(method, path, b"not json", Authorization=header)
            assert (answer.status, answer.content_type) == (401, "application/problem+json")
            assert answer.headers["WWW-Authenticate"] == "Token"
            assert "vigie token create" in problem["detail"]


@pytest.mark.parametrize(
    ("scope", "taken"),
    [("ingest", "i"), ("read", "r"), ("write", "rw"), ("admin", "irw")],
)
async def test_each_scope_opens_its_doors(sqlite_url: str, scope: str, taken: str) -> None:
    """Reading an incident that is not there answers 404 to whoever may read."""
    doors = {
        "i": ("POST", WEBHOOK, ALERT, 202, "ingest"),
        "r": ("GET", NAME, None, 404, "read"),
        "w": ("POST", NAME + "acknowledge/", None, 404, "write"),
    }
    async with api_at(sqlite_url) as api:
        secret = await api.tokens.create("one", [scope], TESTER)
        for letter, (method, path, body, status, needed) in doors.items():
            answer, problem = await api.ask(method, path, body, token=secret)
            assert answer.status == (status if letter in taken else 403)
            if answer.status == 403:
                assert f"the scope {needed};" in problem["detail"]
                assert f"has {scope}" in problem["detail"]


@pytest.mark.parametrize("scope", ["write", "admin"])
async def test_what_a_token_does_is_in_its_name(sqlite_url: str, scope: str) -> None:
    async with api_at(sqlite_url) as api:
        opened = await api.alert()
        secret = await api.tokens.create("pager-duty", [scope], TESTER)
        path = f"{INCIDENTS}{opened['incident']['id']}/resolve/"
        answer, shown = await api.ask("POST", path, b'{"note": "Restarted"}', token=secret)
        assert (answer.status, shown["resolved_by"]) == (200, "pager-duty")


async def test_a_token_of_another_process_works_at_once_and_ends_within_a_second(store: Store) -> None:
    async with api_on(store) as api:
        other = TokenService(store, SystemClock())
        assert (await api.ask("GET", INCIDENTS))[0].status == 200
        secret = await other.create("late", ["read"], TESTER)
        assert (await api.ask("GET", INCIDENTS, token=secret))[0].status == 200
        await other.revoke("late", TESTER)
        await asyncio.sleep(CACHED_SECONDS + 0.05)
        assert (await api.ask("GET", INCIDENTS, token=secret))[0].status == 401


async def test_requests_that_come_together_are_each_judged(store: Store) -> None:
    tokens = TokenService(store, SystemClock())
    secrets = [await tokens.create(f"t{number}", ["read"], TESTER) for number in range(10)]
    checks = (tokens.check(secret) for secret in [*secrets, "wrong", *secrets, "wrong"])
    found = await asyncio.gather(*checks, return_exceptions=True)
    names = [one.name if isinstance(one, Token) else type(one) for one in found]
    assert names == [*(f"t{number}" for number in range(10)), Unauthorized] * 2


async def test_a_token_revoked_here_is_gone_at_once(store: Store) -> None:
    tokens = TokenService(store, SystemClock())
    secret = await tokens.create("short", ["read"], TESTER)
    assert (await tokens.check(secret)).name == "short"
    await tokens.revoke("short", TESTER)
    with pytest.raises(Unauthorized):
        await tokens.check(secret)
    with pytest.raises(NotFound):
        await tokens.revoke("short", TESTER)
    assert [(token.name, token.revoked_at is None) for token in await tokens.list()] == [("short", False)]
    again = await tokens.create("short", ["read"], TESTER)
    assert (await tokens.check(again)).scopes == {"read"}


async def test_a_secret_is_long_and_is_not_kept(store: Store) -> None:
    tokens = TokenService(store, SystemClock())
    first, second = [await tokens.create(name, ["read"], TESTER) for name in ("a", "b")]
    assert first != second
    assert first.startswith("vigie_") and len(first) == 49
    kept = await store.read(lambda tx: [list(row) for row in tx.execute(text("SELECT * FROM tokens"))])
    audited = await store.read(lambda tx: [list(row) for row in tx.execute(text("SELECT * FROM audit"))])
    assert len(kept) == len(audited) == 2
    assert first.removeprefix("vigie_") not in str([kept, audited])
    assert "token.create" in str(audited)


@pytest.mark.parametrize(
    ("name", "scopes", "fields"),
    [
        ("", ["read"], ["name"]),
        ("two words", ["read"], ["name"]),
        ("x" * 101, ["read"], ["name"]),
        ("fine", [], ["scope"]),
        ("fine", ["read", "root"], ["scope"]),
        ("né", ["READ"], ["scope"]),
    ],
)
async def test_what_no_token_can_be(sqlite_url: str, name: str, scopes: list[str], fields: list[str]) -> None:
    async with api_at(sqlite_url) as api:
        with pytest.raises(Invalid) as refused:
            await api.tokens.create(name, scopes, TESTER)
        assert [fault.field for fault in refused.value.faults] == fields
        with pytest.raises(Conflict):
            await api.tokens.create("tester", ["read"], TESTER)


async def test_a_request_with_a_key_counts_once(store: Store) -> None:
    tokens = TokenService(store, SystemClock())
    auth = Auth(tokens, Allowances(other=Allowance(per_second=0.001, burst=1)))

    async def handler(request: web.Request) -> web.Response:
        return web.json_response((await auth.require(request, "write")).name)

    sent = {"Authorization": f"Token {await tokens.create('one', ['write'], TESTER)}"}
    route = web.post("/once/", once(handler, RepeatService(store, SystemClock()), auth, "write"))
    async with TestClient(TestServer(application([route]))) as client:
        for status, key in ((200, "a"), (429, "b")):
            assert (await client.post("/once/", headers={**sent, "Idempotency-Key": key})).status == status
