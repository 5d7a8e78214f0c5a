"""PagerDuty's Events API: its status codes and its answers, word for word where its clients read them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from domain.errors import Forbidden, Invalid, TooMany, Unauthorized
from handlers.alerts.parsers import pagerduty
from handlers.alerts.service import AlertService
from handlers.auth import Auth
from handlers.bodies import parse_object
from handlers.errors import wait

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def enqueue(alerts: AlertService, auth: Auth) -> Handler:
    """Events of a tool that pages PagerDuty. Its routing key is a token with the scope `ingest`."""

    async def receive(request: web.Request) -> web.Response:
        try:
            return await _event(request, alerts, auth)
        except Invalid as error:
            said = [f"{fault.field} {fault.message}".strip() for fault in error.faults[:20]]
            return _answer(400, "invalid event", "Event object is invalid", said)
        except (Unauthorized, Forbidden) as error:
            return _answer(403, "invalid key", "The routing key is not one of Vigie's tokens", [str(error)])
        except TooMany as error:
            return _answer(429, "throttle exceeded", str(error), [], wait(error))

    return receive


async def _event(request: web.Request, alerts: AlertService, auth: Auth) -> web.Response:
    body = parse_object(await request.read())
    given = request.headers.get("X-Routing-Key", "").strip()
    if "Authorization" in request.headers:
        actor = await auth.require(request, "ingest")
    else:
        actor = await auth.bearer(given or pagerduty.routing_key(body), "ingest")
    group = pagerduty.parse(request.headers, body, actor.name, secrets.token_hex(16))
    await alerts.receive(group)
    said = {"status": "success", "message": "Event processed", "dedup_key": pagerduty.dedup_key(group)}
    return web.json_response(said, status=202)


def _answer(
    status: int, word: str, message: str, errors: Sequence[str], headers: dict[str, str] | None = None
) -> web.Response:
    body = json.dumps({"status": word, "message": message, "errors": list(errors)})
    return web.Response(status=status, body=body.encode(), content_type="application/json", headers=headers)
