"""`/api/v1/schedules/`: a team's schedule by itself, known by its team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from domain.errors import Outdated
from domain.organisation_lint import SCHEDULE
from handlers.auth import Auth
from handlers.catalog.fields import TEAMS
from handlers.catalog.given import OnCall
from handlers.catalog.http_exchange import answered, given_object, key_of, refusing_the_lost, seen
from handlers.catalog.listings import SCHEDULE_LISTING
from handlers.catalog.rest import CatalogRecords, Record
from handlers.lists import page_of

BASE = "/api/v1/schedules/"


def routes(records: CatalogRecords, auth: Auth) -> list[web.RouteDef]:
    """Reading takes the scope `read`, changing that of teams."""

    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        found = [_fields(team) for team in await records.all(TEAMS)]
        return web.json_response(page_of(found, request.rel_url, SCHEDULE_LISTING))

    async def shown(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        return answered(_schedule(await records.show(TEAMS, key_of(request))))

    async def put(request: web.Request) -> web.StreamResponse:
        actor = await auth.require(request, TEAMS.scope)
        written = await given_object(request, OnCall)
        given = {name: value for name, value in written.items() if name not in ("id", "team", "findings")}
        team = await records.show(TEAMS, key_of(request))
        if seen(request) not in ("", _schedule(team).etag):
            raise Outdated("this schedule has changed meanwhile: read it again")
        changed = await records.change(TEAMS, team.fields["id"], actor, team.etag, lambda now: now | {"on_call": given})
        return answered(_schedule(changed))

    one = BASE + "{id}/"
    return [web.get(BASE, listed), web.get(one, shown), web.put(one, refusing_the_lost(put))]


def _schedule(team: Record) -> Record:
    return Record(_fields(team.fields), tuple(one for one in team.findings if one.where.field == SCHEDULE))


def _fields(team: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": team["id"], "team": team["name"], "timezone": "UTC", "rotations": [], **team["on_call"]}
