"""The HTTP doors on a real database and a real socket, without Slack or the engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from bot.clock import SystemClock
from bot.connections import Runner
from bot.figures import Figures
from bot.listener import ANSWER_SECONDS, HEAD_SECONDS, WAITING
from handlers.alerts import http as alerts_http
from handlers.alerts.service import AlertService
from handlers.auth import Auth
from handlers.health import http as health_http
from handlers.health.http import Check
from handlers.incidents import http as incidents_http
from handlers.incidents.service import IncidentService
from handlers.metrics import http as metrics_http
from handlers.tokens.limits import Allowances
from handlers.tokens.service import TokenService
from handlers.web import application
from storage.store import Store
from tests.world import TESTER, alert_body

WEBHOOK = "/api/v1/webhooks/alertmanager/"
INCIDENTS = "/api/v1/incidents/"
EVERYTHING = ("ingest", "read", "write")


@dataclass(slots=True)
class Parts:
    """A readiness that says what it is told to."""

    checks: Mapping[str, Check]

    async def check(self) -> Mapping[str, Check]:
        return self.checks


@dataclass(slots=True)
class Api:
    """The doors, and somebody with a token before them."""

    client: TestClient[Any, Any]
    tokens: TokenService
    parts: Parts
    token: str = ""

    async def ask(
        self, method: str, path: str, body: bytes | None = None, *, token: str | None = None, **headers: str
    ) -> tuple[ClientResponse, Any]:
        """The answer and the JSON in it. `headers` have _ for -; an empty `token` sends none."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        secret = self.token if token is None else token
        if secret:
            sent.setdefault("Authorization", f"Token {secret}")
        async with self.client.request(method, path, data=body, headers=sent) as answer:
            return answer, json.loads(await answer.read() or b"null")

    async def get(self, path: str) -> Any:
        """What is at an address that must answer 200."""
        answer, body = await self.ask("GET", path)
        assert answer.status == 200, body
        return body

    async def post(self, path: str, body: object = None) -> tuple[int, Any]:
        """The status and the JSON that come back."""
        answer, shown = await self.ask("POST", path, b"" if body is None else json.dumps(body).encode())
        return answer.status, shown

    async def alert(self, name: str = "Redis Cluster Down", **said: Any) -> dict[str, Any]:
        """The answer to an alert that must be taken."""
        status, answer = await self.post(WEBHOOK, alert_body(name, **said))
        assert status == 202, answer
        return dict(answer)

    async def raw(self, request: bytes) -> bytes:
        """All that comes back for bytes on the wire."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.client.port)
        writer.write(request)
        await writer.drain()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


class _Server(TestServer):
    """Connections as the product has them."""

    async def _make_runner(self, **kwargs: Any) -> Runner:
        return Runner(self.app, head_seconds=HEAD_SECONDS, answer_seconds=ANSWER_SECONDS, most=WAITING, **kwargs)


@asynccontextmanager
async def api_on(
    store: Store, secrets: alerts_http.Secrets | None = None, allowances: Allowances | None = None
) -> AsyncIterator[Api]:
    """The doors, open."""
    clock = SystemClock()
    tokens = TokenService(store, clock)
    auth = Auth(tokens, allowances)
    figures = Figures(store, clock)
    parts = Parts({"database": Check(True, "as it should be")})
    routes = [
        *alerts_http.routes(AlertService(store, clock, lambda: None, figures.alert), auth, secrets, figures.request),
        *metrics_http.routes(figures),
        *incidents_http.routes(IncidentService(store, clock, lambda: None), auth),
        *health_http.routes(parts),
    ]
    async with TestClient(_Server(application(routes))) as client:
        api = Api(client, tokens, parts)
        api.token = await tokens.create("tester", EVERYTHING, TESTER)
        yield api


@asynccontextmanager
async def api_at(
    url: str, secrets: alerts_http.Secrets | None = None, allowances: Allowances | None = None
) -> AsyncIterator[Api]:
    """The doors on the database at `url`."""
    store = Store(url)
    try:
        async with api_on(store, secrets, allowances) as api:
            yield api
    finally:
        store.close()
