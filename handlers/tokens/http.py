"""`/api/v1/tokens/`: made, shown once, revoked. What a token is made of is never read again."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from domain.errors import Fault, Invalid
from domain.people import Actor
from handlers.auth import Auth
from handlers.bodies import parse_object
from handlers.incidents.http import moment
from handlers.lists import page_of
from handlers.tokens import schema
from handlers.tokens.schema import BASE
from handlers.tokens.service import Token, TokenService, lifetime

_FIELDS = ("name", "scopes", "expires")


def routes(tokens: TokenService, auth: Auth) -> list[web.RouteDef]:
    """All of it takes the scope `admin`."""

    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "admin")
        found = [_fields(one) for one in await tokens.list()]
        return web.json_response(page_of(found, request.rel_url, schema.LISTING))

    async def shown(request: web.Request) -> web.Response:
        await auth.require(request, "admin")
        return web.json_response(_fields(await tokens.show(_name(request))))

    async def create(request: web.Request) -> web.Response:
        actor = await auth.require(request, "admin")
        given = _given(parse_object(await request.read() or b"null"))
        secret = await _made(tokens, given, actor)
        made = _fields(await tokens.show(given["name"]))
        made["token"] = secret
        return web.json_response(made, status=201, headers={"Location": f"{BASE}{given['name']}/"})

    async def revoke(request: web.Request) -> web.Response:
        await tokens.revoke(_name(request), await auth.require(request, "admin"))
        return web.Response(status=204)

    one = BASE + "{name}/"
    return [web.get(BASE, listed), web.post(BASE, create), web.get(one, shown), web.delete(one, revoke)]


async def _made(tokens: TokenService, given: dict[str, Any], actor: Actor) -> str:
    """The new token's secret. Raises Invalid by the names that the API has."""
    try:
        return await tokens.create(given["name"], given["scopes"], actor, lifetime(given["expires"]))
    except Invalid as error:
        names = {"scope": "scopes"}
        faults = [Fault(names.get(fault.field, fault.field), fault.message) for fault in error.faults]
        raise Invalid(faults) from None


def _name(request: web.Request) -> str:
    return request.match_info["name"].replace("\0", "")


def _given(value: Any) -> dict[str, Any]:
    """`name`, `scopes` and `expires` of a new token. Raises Invalid by field."""
    if not isinstance(value, dict):
        raise Invalid([Fault("", "must be a JSON object")])
    given = {"scopes": ["ingest"], "expires": ""} | value
    known = f"is not known here; this takes {', '.join(_FIELDS)}"
    faults = [Fault(name, known) for name in value if name not in _FIELDS]
    if "name" not in given:
        faults.append(Fault("name", "is missing"))
    faults += [Fault(name, "must be text") for name in ("name", "expires") if not isinstance(given.get(name, ""), str)]
    scopes = given["scopes"]
    if not isinstance(scopes, list) or not all(isinstance(one, str) for one in scopes):
        faults.append(Fault("scopes", "must be a list of texts"))
    if faults:
        raise Invalid(faults)
    return given


def _fields(one: Token) -> schema.Token:
    return {
        "name": one.name,
        "scopes": sorted(one.scopes),
        "created_at": moment(one.created_at),
        "last_used_at": moment(one.last_used_at),
        "expires_at": moment(one.expires_at),
        "revoked_at": moment(one.revoked_at),
    }
