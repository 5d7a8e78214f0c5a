"""Alerts in by HTTP: 202 only after the durable write. A source's own retries do the rest."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from domain.alerts import AlertGroup, sent_by
from domain.errors import VigieError
from handlers.alerts import signatures
from handlers.alerts.envelopes import in_words, opened, unwrapped
from handlers.alerts.http_events import enqueue
from handlers.alerts.parsers import alertmanager, datadog, generic, grafana, pagerduty, sentry
from handlers.alerts.service import AlertService
from handlers.alerts.signatures import Signing
from handlers.auth import Auth
from handlers.errors import listed, status_of

Parse = Callable[[Mapping[str, str], object], AlertGroup]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Answered = Callable[[str, int], None]
_BASE = "/api/v1/webhooks/"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What sources sign with, and the world's time, by which a signature is old. A source without a secret brings a
    token."""

    wall: Callable[[], datetime]
    grafana: tuple[str, ...] = ()
    sentry: tuple[str, ...] = ()

    def of(self, source: str) -> Signing | None:
        """How `source` signs, when it does."""
        if source == grafana.SOURCE and self.grafana:
            return signatures.grafana(self.grafana)
        return signatures.sentry(self.sentry) if source == sentry.SOURCE and self.sentry else None


@dataclass(frozen=True, slots=True)
class Door:
    """What every webhook has: whom it gives alerts to, who may come in."""

    alerts: AlertService
    auth: Auth
    secrets: Secrets | None = None

    async def origin(self, request: web.Request, source: str) -> str:
        """Whoever sends: the token's name, or the source's own when it signs. Raises Unauthorized or Forbidden."""
        signing = self.secrets.of(source) if self.secrets else None
        if signing is None or self.secrets is None:
            return (await self.auth.require(request, "ingest")).name
        signatures.check(signing, request.headers, await request.read(), self.secrets.wall())
        # After the check: what anybody can send must not use up what the source may.
        self.auth.limit(source, "ingest")
        return source


def routes(
    alerts: AlertService, auth: Auth, secrets: Secrets | None = None, answered: Answered = lambda source, status: None
) -> list[web.RouteDef]:
    """One webhook a source; PagerDuty's events at its own address too. `answered` hears of every answer."""
    door = Door(alerts, auth, secrets)
    parsers: dict[str, Parse] = {
        alertmanager.SOURCE: alertmanager.parse,
        grafana.SOURCE: grafana.parse,
        datadog.SOURCE: datadog.parse,
        sentry.SOURCE: sentry.parse,
    }
    handlers = {source: _webhook(door, source, parse) for source, parse in parsers.items()}
    handlers |= {generic.SOURCE: _any_tool(door), pagerduty.SOURCE: enqueue(alerts, auth)}
    handlers = {source: _counted(source, handler, answered) for source, handler in handlers.items()}
    return [
        *(web.post(f"{_BASE}{source}/", handler) for source, handler in handlers.items()),
        # Grafana's contact point may be set to PUT.
        web.put(f"{_BASE}{grafana.SOURCE}/", handlers[grafana.SOURCE]),
        web.post("/v2/enqueue", handlers[pagerduty.SOURCE]),
    ]


def _counted(source: str, handler: Handler, answered: Answered) -> Handler:
    async def receive(request: web.Request) -> web.StreamResponse:
        try:
            answer = await handler(request)
        except VigieError as error:
            answered(source, status_of(error).value)
            raise
        except web.HTTPException as error:
            answered(source, error.status)
            raise
        answered(source, answer.status)
        return answer

    return receive


def _webhook(door: Door, source: str, parse: Parse) -> Handler:
    async def receive(request: web.Request) -> web.Response:
        origin = await door.origin(request, source)
        group = parse(request.headers, await _sent(request))
        return await _taken(door.alerts, sent_by(group, origin))

    return receive


def _any_tool(door: Door) -> Handler:
    async def receive(request: web.Request) -> web.Response:
        origin = await door.origin(request, generic.SOURCE)
        sent = await _sent(request)
        mapping = await door.alerts.mapping(request.query.get("mapping", ""))
        if words := in_words(sent):
            group = generic.parse(request.headers, words)
        else:
            group = generic.parse(request.headers, unwrapped(sent), mapping)
        return await _taken(door.alerts, sent_by(group, origin))

    return receive


async def _sent(request: web.Request) -> object:
    return opened(request.content_type, await request.read())


async def _taken(alerts: AlertService, group: AlertGroup) -> web.Response:
    received = await alerts.receive(group)
    incident = {"id": received.incident, "short_id": received.short_id} if received.incident else None
    said: dict[str, object] = {"incident": incident, "opened": received.opened}
    if group.left_out:
        said["errors"] = _left_out(group)
    return web.Response(status=202, body=json.dumps(said).encode(), content_type="application/json")


def _left_out(group: AlertGroup) -> list[dict[str, str]]:
    """What is wrong with the alerts that can't be read. The log has it too: few tools show what they are answered."""
    faults = [fault for faults in group.left_out for fault in faults]
    told = "; ".join(str(fault) for fault in faults[:_MOST_LOGGED])
    log.warning("%s sent %d alerts that can't be read, and are left out: %s", group.source, len(group.left_out), told)
    return listed(faults)


_MOST_LOGGED = 5
