"""Alerts in by HTTP: 202 only after the durable write. A source's own retries do the rest."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from domain.alerts import AlertGroup
from handlers.alerts.parsers import alertmanager
from handlers.alerts.service import AlertService
from handlers.auth import Auth
from handlers.errors import parse_object

Parse = Callable[[object], AlertGroup]


def routes(alerts: AlertService, auth: Auth) -> list[web.RouteDef]:
    """One webhook a source."""
    return [web.post("/api/v1/webhooks/alertmanager/", _webhook(alerts, auth, alertmanager.parse))]


def _webhook(alerts: AlertService, auth: Auth, parse: Parse) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def receive(request: web.Request) -> web.Response:
        await auth.require(request, "ingest")
        group = parse(parse_object(await request.read()))
        received = await alerts.receive(group)
        incident = {"id": received.incident, "short_id": received.short_id} if received.incident else None
        body = json.dumps({"incident": incident, "opened": received.opened})
        return web.Response(status=202, body=body.encode(), content_type="application/json")

    return receive
