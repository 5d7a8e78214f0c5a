"""`/api/v1/coverage/`: the holes of the next two weeks."""

from __future__ import annotations

from aiohttp import web

from domain.coverage import Hole
from domain.directory import Directory
from handlers.auth import Auth
from handlers.coverage import schema
from handlers.coverage.service import CoverageService
from handlers.lists import page_of


def routes(coverage: CoverageService, auth: Auth) -> list[web.RouteDef]:
    """Reading takes the scope `read`."""

    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        found = await coverage.sweep()
        results = [hole_fields(hole, found.directory) for hole in found.holes]
        looked_at = found.looked_at.isoformat() if found.looked_at else None
        return web.json_response({"looked_at": looked_at, **page_of(results, request.rel_url, schema.LISTING)})

    return [web.get("/api/v1/coverage/", listed)]


def hole_fields(hole: Hole, directory: Directory) -> schema.Hole:
    """A hole as JSON: an incident of `services` that opens from `start` until `end` reaches nobody, or one person by
    one channel."""
    team, person = directory.teams.get(hole.team), directory.people.get(hole.person)
    return {
        "team": team.name if team else "",
        "severity": hole.severity,
        "services": list(hole.services),
        "start": hole.start.isoformat(),
        "end": hole.end.isoformat(),
        "cover": hole.cover,
        "person": person.handle if person else hole.person,
        "channel": hole.channel,
    }
