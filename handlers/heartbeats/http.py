"""`/api/v1/heartbeats/`: signs of life taken in, and who is silent."""

from __future__ import annotations

from aiohttp import web

from handlers.auth import Auth
from handlers.heartbeats import schema
from handlers.heartbeats.schema import BASE
from handlers.heartbeats.service import HeartbeatService, Pulse
from handlers.incidents.http import moment
from handlers.lists import page_of


def routes(heartbeats: HeartbeatService, auth: Auth) -> list[web.RouteDef]:
    """A sign of life takes the scope `ingest`; what it says beside its name is not looked at."""

    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        found = [_fields(one) for one in await heartbeats.all()]
        return web.json_response(page_of(found, request.rel_url, schema.LISTING))

    async def shown(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        return web.json_response(_fields(await heartbeats.show(_name(request))))

    async def beat(request: web.Request) -> web.Response:
        await auth.require(request, "ingest")
        return web.json_response(_fields(await heartbeats.beat(_name(request))))

    one = BASE + "{name}/"
    return [web.get(BASE, listed), web.get(one, shown), web.post(one, beat)]


def _name(request: web.Request) -> str:
    return request.match_info["name"].replace("\0", "")


def _fields(one: Pulse) -> schema.Heartbeat:
    return {
        "name": one.heartbeat.name,
        "service": one.service,
        "severity": one.heartbeat.severity,
        "every_minutes": one.heartbeat.every_minutes,
        "grace_minutes": one.heartbeat.grace_minutes,
        "is_active": one.heartbeat.is_active,
        "heard_at": moment(one.beat.heard_at),
        "silent_at": moment(one.beat.wake_at),
        "is_silent": one.beat.is_silent,
    }
