"""`/api/v1/heartbeats/`: signs of life taken in, and who is silent. They are set as all of the catalog is."""

from __future__ import annotations

from zlib import crc32

from aiohttp import web

from handlers.auth import Auth
from handlers.catalog.http_exchange import key_of
from handlers.catalog.intake_kinds import HEARTBEATS
from handlers.catalog.rest import CatalogRecords
from handlers.heartbeats import schema
from handlers.heartbeats.schema import BASE
from handlers.heartbeats.service import HeartbeatService, Pulse
from handlers.incidents.http import moment
from handlers.lists import page_of


def routes(heartbeats: HeartbeatService, records: CatalogRecords, auth: Auth) -> list[web.RouteDef]:
    """A sign of life takes the scope `ingest`; what it says beside its name is not looked at."""

    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        found = [_fields(one) for one in await heartbeats.all()]
        return web.json_response(page_of(found, request.rel_url, schema.LISTING))

    async def shown(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        found = _fields(await heartbeats.show(key_of(request)))
        etag = (await records.show(HEARTBEATS, found["id"])).etag
        # Behind the dot is what a change does not begin from.
        return web.json_response(found, headers={"ETag": f'"{etag}.{crc32(repr(found).encode()):x}"'})

    async def beat(request: web.Request) -> web.Response:
        await auth.require(request, "ingest")
        return web.json_response(_fields(await heartbeats.beat(key_of(request))))

    one = BASE + "{id}/"
    return [web.get(BASE, listed), web.get(one, shown), web.post(one, beat)]


def _fields(one: Pulse) -> schema.Heartbeat:
    return {
        "id": one.heartbeat.id,
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
