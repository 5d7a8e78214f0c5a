"""Status updates and war rooms by HTTP."""

from __future__ import annotations

from aiohttp import web

from handlers.auth import Auth
from handlers.bodies import members
from handlers.incidents.http import named, now_of
from handlers.incidents.schema import ONE
from handlers.incidents.service import IncidentService
from handlers.rooms.service import RoomService
from handlers.updates.service import UpdateService

_PARTS = ("text", "impact", "doing", "next_update")


def routes(incidents: IncidentService, updates: UpdateService, rooms: RoomService, auth: Auth) -> list[web.RouteDef]:
    """Both take the scope `write`, and answer with the incident as it is now."""

    async def tell(request: web.Request) -> web.Response:
        actor = await auth.require(request, "write")
        said = members(await request.read(), _PARTS)
        parts = [said.get(name, "") for name in _PARTS]
        return await now_of(incidents, await updates.post(named(request), actor, *parts))

    async def room(request: web.Request) -> web.Response:
        actor = await auth.require(request, "write")
        members(await request.read(), ())
        return await now_of(incidents, (await rooms.open(named(request), actor)).incident)

    return [web.post(f"{ONE}updates/", tell), web.post(f"{ONE}room/", room)]
