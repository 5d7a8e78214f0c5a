"""PagerDuty's Events API: its status codes and its answers, word for word where its clients read them."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice

from aiohttp import web

from domain.alerts import sent_by
from domain.errors import Fault, Forbidden, Invalid, TooMany, Unauthorized, VigieError
from domain.people import Actor
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
    sent = await request.read()
    actor = await _sender(request, sent, auth)
    body = parse_object(sent)
    if actor is None:
        actor = await auth.bearer(pagerduty.routing_key(body), "ingest")
    group = pagerduty.parse(request.headers, body, secrets.token_hex(16))
    await alerts.receive(sent_by(group, actor.name))
    said = {"status": "success", "message": "Event processed", "dedup_key": group.key}
    return web.json_response(said, status=202)


async def _sender(request: web.Request, sent: bytes, auth: Auth) -> Actor | None:
    """Whoever sends, when a header says it. Nobody's long body is read to know it: a key in it must be good before."""
    if "Authorization" in request.headers:
        return await auth.require(request, "ingest")
    if given := request.headers.get("X-Routing-Key", "").strip():
        return await auth.bearer(given, "ingest")
    if len(sent) > SHORT:
        await _some_key(sent, auth)
    return None


async def _some_key(sent: bytes, auth: Auth) -> None:
    """Raises what the last of the keys in a body is refused with, unless one is good, and Invalid when it has none."""
    refused: VigieError = Invalid([Fault("routing_key", "is missing or blank")])
    for found in islice(_ROUTING_KEY.finditer(sent), _MOST_KEYS):
        try:
            await auth.bearer(found[1].decode(), "ingest")
        except (Unauthorized, Forbidden) as error:
            refused = error
        else:
            return
    raise refused


_MOST_KEYS = 5
SHORT = 16 * 1024
"""Bytes that cost nothing to read, whoever sends them."""
_ROUTING_KEY = re.compile(rb'"routing_key"\s*:\s*"([\x21\x23-\x5b\x5d-\x7e]{1,200})"')


def _answer(
    status: int, word: str, message: str, errors: Sequence[str], headers: dict[str, str] | None = None
) -> web.Response:
    body = json.dumps({"status": word, "message": message, "errors": list(errors)})
    return web.Response(status=status, body=body.encode(), content_type="application/json", headers=headers)
