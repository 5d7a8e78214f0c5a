"""`/api/v1/{runbooks,policies,services,teams,people,alert-rules,…}/`: all that Slack and files can say of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from domain.errors import Outdated
from domain.people import Actor
from handlers.auth import Auth
from handlers.catalog import http_schedules, http_steps
from handlers.catalog.fields import PEOPLE, TEAMS, Kind
from handlers.catalog.http_exchange import answered, changed, given_object, key_of, refusing_the_lost, seen
from handlers.catalog.intake_kinds import HEARTBEATS, LISTED
from handlers.catalog.rest import CatalogRecords
from handlers.lists import page_of
from handlers.repeats.http import repeat_key

Remove = Callable[[str, Actor], Awaitable[object]]


def routes(records: CatalogRecords, removers: Mapping[str, Remove], auth: Auth) -> list[web.RouteDef]:
    """Reading takes the scope `read`; runbooks are changed with `write`, the rest with `admin`. `removers` take away
    what other things may need."""
    found: list[web.RouteDef] = []
    for kind in LISTED:
        found += _reading(kind, records, auth)
    for kind in (*LISTED, HEARTBEATS):
        found += [*_changing(kind, records, auth), _removing(kind, records, removers, auth)]
    return [*found, *http_steps.routes(records, auth), *http_schedules.routes(records, auth)]


def _reading(kind: Kind, records: CatalogRecords, auth: Auth) -> list[web.RouteDef]:
    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        found = await records.all(kind)
        if kind is PEOPLE:
            found = _with_teams(found, await records.all(TEAMS))
        return web.json_response(page_of(found, request.rel_url, kind.listing))

    async def shown(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        return answered(await records.show(kind, key_of(request)))

    return [web.get(kind.base, listed), web.get(kind.base + "{id}/", shown)]


def _with_teams(people: Sequence[dict[str, Any]], teams: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one | {"teams": [team["name"] for team in teams if one["handle"] in team["members"]]} for one in people]


def _changing(kind: Kind, records: CatalogRecords, auth: Auth) -> list[web.RouteDef]:
    async def create(request: web.Request) -> web.Response:
        actor = await auth.require(request, kind.scope)
        is_again = bool(repeat_key(request))
        made = await records.create(kind, await given_object(request, kind.given), actor, is_again=is_again)
        answer = answered(made, 201)
        answer.headers["Location"] = f"{kind.base}{made.fields['id']}/"
        return answer

    async def put(request: web.Request) -> web.StreamResponse:
        actor = await auth.require(request, kind.scope)
        given = await given_object(request, kind.given)
        return answered(await changed(kind, request, records, actor, lambda _: given))

    async def patch(request: web.Request) -> web.StreamResponse:
        actor = await auth.require(request, kind.scope)
        given = await given_object(request, kind.given)
        return answered(await changed(kind, request, records, actor, lambda now: now | given))

    one = kind.base + "{id}/"
    return [
        web.post(kind.base, create),
        web.put(one, refusing_the_lost(put)),
        web.patch(one, refusing_the_lost(patch)),
    ]


def _removing(kind: Kind, records: CatalogRecords, removers: Mapping[str, Remove], auth: Auth) -> web.RouteDef:
    async def remove(request: web.Request) -> web.StreamResponse:
        actor = await auth.require(request, kind.scope)
        if kind.name in removers:
            before = await records.show(kind, key_of(request))
            if seen(request) not in ("", before.etag):
                raise Outdated(f"this {kind.name} has changed meanwhile: read it again")
            await removers[kind.name](before.fields["id"], actor)
        else:
            await records.remove(kind, key_of(request), actor, seen(request))
        return web.Response(status=204)

    return web.delete(kind.base + "{id}/", refusing_the_lost(remove))
