"""`/api/v1/{runbooks,policies,services,teams,people,schedules}/`: everything that Slack and files can say of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from aiohttp import web

from domain.errors import Fault, Invalid, NotFound, Outdated
from domain.lint import Finding
from domain.people import Actor
from handlers.auth import Auth
from handlers.bodies import parse_object
from handlers.catalog.fields import KINDS, POLICIES, RUNBOOKS, TEAMS, Kind
from handlers.catalog.lists import page_of
from handlers.catalog.rest import CatalogRecords, Record
from handlers.errors import problem

Remove = Callable[[str, Actor], Awaitable[object]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes(records: CatalogRecords, removers: Mapping[str, Remove], auth: Auth) -> list[web.RouteDef]:
    """Reading takes the scope `read`; runbooks are changed with `write`, the rest with `admin`. `removers` take away
    what other things may need."""
    found: list[web.RouteDef] = []
    for kind in KINDS:
        found += [*_reading(kind, records, auth), *_changing(kind, records, removers, auth)]
    for kind in (RUNBOOKS, POLICIES):
        found += _steps(kind, records, auth)
    return [*found, *_schedules(records, auth)]


def _reading(kind: Kind, records: CatalogRecords, auth: Auth) -> list[web.RouteDef]:
    base = f"/api/v1/{kind.plural}/"

    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        return web.json_response(page_of(await records.all(kind), request.rel_url, kind.label, kind.orders))

    async def shown(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        return _answer(await records.show(kind, _key(request)))

    return [web.get(base, listed), web.get(base + "{id}/", shown)]


def _changing(kind: Kind, records: CatalogRecords, removers: Mapping[str, Remove], auth: Auth) -> list[web.RouteDef]:
    base = f"/api/v1/{kind.plural}/"

    async def create(request: web.Request) -> web.Response:
        actor = await auth.require(request, kind.scope)
        is_again = bool(request.headers.get("Idempotency-Key", "").strip())
        made = await records.create(kind, await _given(request), actor, is_again=is_again)
        answer = _answer(made, 201)
        answer.headers["Location"] = f"{base}{made.fields['id']}/"
        return answer

    async def put(request: web.Request) -> web.StreamResponse:
        given = await _given(request)
        return await _change(kind, request, records, auth, lambda _: given)

    async def patch(request: web.Request) -> web.StreamResponse:
        given = await _given(request)
        return await _change(kind, request, records, auth, lambda now: now | given)

    async def remove(request: web.Request) -> web.StreamResponse:
        actor = await auth.require(request, kind.scope)
        if kind.name in removers:
            before = await records.show(kind, _key(request))
            if _seen(request) not in ("", before.etag):
                return _lost(f"this {kind.name} has changed meanwhile: read it again")
            await removers[kind.name](before.fields["id"], actor)
        else:
            try:
                await records.remove(kind, _key(request), actor, _seen(request))
            except Outdated as error:
                return _lost(str(error))
        return web.Response(status=204)

    one = base + "{id}/"
    return [web.post(base, create), web.put(one, put), web.patch(one, patch), web.delete(one, remove)]


async def _change(
    kind: Kind,
    request: web.Request,
    records: CatalogRecords,
    auth: Auth,
    change: Callable[[dict[str, Any]], Mapping[str, Any]],
    key: str = "",
) -> web.StreamResponse:
    actor = await auth.require(request, kind.scope)
    try:
        return _answer(await records.change(kind, key or _key(request), actor, _seen(request), change))
    except Outdated as error:
        return _lost(str(error))


def _steps(kind: Kind, records: CatalogRecords, auth: Auth) -> list[web.RouteDef]:
    """Steps by themselves: what is changed is the whole, as a new version."""
    base = f"/api/v1/{kind.plural}/{{id}}/steps/"
    order = "order" if kind is RUNBOOKS else "step_order"

    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        steps = (await records.show(kind, _key(request))).fields["steps"]
        return web.json_response({"count": len(steps), "next": None, "previous": None, "results": steps})

    async def add(request: web.Request) -> web.StreamResponse:
        given = await _given(request)
        return await _change(
            kind, request, records, auth, lambda now: now | {"steps": [*now["steps"], _new(given, now)]}
        )

    def _new(given: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
        last = max((step[order] for step in now["steps"]), default=0)
        return {order: last + 1} | dict(given)

    async def put(request: web.Request) -> web.StreamResponse:
        given, number = await _given(request), _number(request)
        return await _change(kind, request, records, auth, lambda now: _with(now, order, number, given))

    async def remove(request: web.Request) -> web.StreamResponse:
        number = _number(request)
        return await _change(kind, request, records, auth, lambda now: _with(now, order, number, None))

    one = base + "{order}/"
    return [web.get(base, listed), web.post(base, add), web.patch(one, put), web.put(one, put), web.delete(one, remove)]


def _number(request: web.Request) -> int:
    text = request.match_info["order"]
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise NotFound(f"there is no step {text[:20]}")
    return int(text)


def _with(now: Mapping[str, Any], order: str, number: int, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The whole with one step changed, or without it. Raises NotFound."""
    steps = list(now["steps"])
    place = next((place for place, step in enumerate(steps) if step[order] == number), None)
    if place is None:
        raise NotFound(f"there is no step {number}")
    steps[place : place + 1] = [] if given is None else [steps[place] | given]
    return {**now, "steps": steps}


def _schedules(records: CatalogRecords, auth: Auth) -> list[web.RouteDef]:
    """A team's schedule by itself, known by its team."""
    base = "/api/v1/schedules/"

    def fields(team: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": team["id"], "team": team["name"], "timezone": "UTC", "rotations": [], **team["on_call"]}

    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        found = [fields(team) for team in await records.all(TEAMS)]
        return web.json_response(page_of(found, request.rel_url, "team", ("team", "timezone")))

    async def shown(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        return _answer(_schedule(await records.show(TEAMS, _key(request))))

    def _schedule(team: Record) -> Record:
        return Record(fields(team.fields))

    async def put(request: web.Request) -> web.StreamResponse:
        actor = await auth.require(request, TEAMS.scope)
        given = {name: value for name, value in (await _given(request)).items() if name not in ("id", "team")}
        team = await records.show(TEAMS, _key(request))
        if _seen(request) not in ("", _schedule(team).etag):
            return _lost("this schedule has changed meanwhile: read it again")
        changed = await records.change(TEAMS, team.fields["id"], actor, team.etag, lambda now: now | {"on_call": given})
        return _answer(_schedule(changed))

    return [web.get(base, listed), web.get(base + "{id}/", shown), web.put(base + "{id}/", put)]


def _key(request: web.Request) -> str:
    return request.match_info["id"].replace("\0", "")


async def _given(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request. Raises BadBody, Invalid."""
    value = parse_object(await request.read() or b"null")
    if not isinstance(value, dict):
        raise Invalid([Fault("", "must be a JSON object")])
    return value


def _seen(request: web.Request) -> str:
    """The etag that a change begins from; "" for whatever there is (RFC 9110 §13.1.1)."""
    text = request.headers.get("If-Match", "").strip()
    return "" if text in ("", "*") else text.removeprefix("W/").strip('"') or "-"


def _lost(detail: str) -> web.Response:
    return problem(HTTPStatus.PRECONDITION_FAILED, detail)


def _answer(record: Record, status: int = 200) -> web.Response:
    fields = record.fields | (
        {"findings": [_finding(one) for one in record.findings]} if "steps" in record.fields else {}
    )
    return web.json_response(fields, status=status, headers={"ETag": f'"{record.etag}"'})


def _finding(one: Finding) -> dict[str, Any]:
    return asdict(one) | {"severity": one.severity.value}
