"""`/api/v1/{runbooks,policies}/{id}/steps/`: steps by themselves. What is changed is the whole, as a new version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from domain.errors import NotFound
from handlers.auth import Auth
from handlers.catalog.fields import POLICIES, RUNBOOKS, Kind
from handlers.catalog.given import PolicyStepGiven, RunbookStepGiven
from handlers.catalog.http_exchange import changed, given_object, key_of, refusing_the_lost
from handlers.catalog.listings import POLICY_STEP_LISTING, RUNBOOK_STEP_LISTING
from handlers.catalog.rest import CatalogRecords, Record
from handlers.lists import page_of

Step = dict[str, Any]
_GIVEN = {RUNBOOKS.name: RunbookStepGiven, POLICIES.name: PolicyStepGiven}
_LISTINGS = {RUNBOOKS.name: RUNBOOK_STEP_LISTING, POLICIES.name: POLICY_STEP_LISTING}


def routes(records: CatalogRecords, auth: Auth) -> list[web.RouteDef]:
    """Reading takes the scope `read`, changing that of the whole. Each answer has the `ETag` of the whole."""
    found: list[web.RouteDef] = []
    for kind, order in ((RUNBOOKS, "order"), (POLICIES, "step_order")):
        found += [*_reading(kind, order, records, auth), *_changing(kind, order, records, auth)]
    return found


def _base(kind: Kind) -> str:
    return f"/api/v1/{kind.plural}/{{id}}/steps/"


def _reading(kind: Kind, order: str, records: CatalogRecords, auth: Auth) -> list[web.RouteDef]:
    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        whole = await records.show(kind, key_of(request))
        found = page_of(whole.fields["steps"], request.rel_url, _LISTINGS[kind.name])
        return web.json_response(found, headers={"ETag": f'"{whole.etag}"'})

    async def shown(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        return _answer(await records.show(kind, key_of(request)), order, _number(request))

    return [web.get(_base(kind), listed), web.get(_base(kind) + "{order}/", shown)]


def _changing(kind: Kind, order: str, records: CatalogRecords, auth: Auth) -> list[web.RouteDef]:
    async def add(request: web.Request) -> web.StreamResponse:
        actor, before = await auth.require(request, kind.scope), list[int]()
        given = await given_object(request, _GIVEN[kind.name])

        def change(now: Step) -> Step:
            before[:] = [step[order] for step in now["steps"]]
            return now | {"steps": [*now["steps"], {order: max(before, default=0) + 1} | given]}

        whole = await changed(kind, request, records, actor, change)
        number = next(step[order] for step in whole.fields["steps"] if step[order] not in before)
        answer = _answer(whole, order, number, 201)
        answer.headers["Location"] = f"/api/v1/{kind.plural}/{whole.fields['id']}/steps/{number}/"
        return answer

    async def change_one(request: web.Request, kept: Callable[[Step], Step]) -> web.Response:
        actor = await auth.require(request, kind.scope)
        given, number, others = await given_object(request, _GIVEN[kind.name]), _number(request), list[int]()

        def change(now: Step) -> Step:
            others[:] = [step[order] for step in now["steps"] if step[order] != number]
            return _with(now, order, number, kept(_at(now, order, number)) | given)

        whole = await changed(kind, request, records, actor, change)
        moved = next(step[order] for step in whole.fields["steps"] if step[order] not in others)
        return _answer(whole, order, moved)

    async def patch(request: web.Request) -> web.StreamResponse:
        return await change_one(request, lambda now: now)

    async def put(request: web.Request) -> web.StreamResponse:
        return await change_one(request, lambda now: {order: now[order]})

    async def remove(request: web.Request) -> web.StreamResponse:
        number, actor = _number(request), await auth.require(request, kind.scope)
        await changed(kind, request, records, actor, lambda now: _with(now, order, number, None))
        return web.Response(status=204)

    one = _base(kind) + "{order}/"
    return [
        web.post(_base(kind), refusing_the_lost(add)),
        web.patch(one, refusing_the_lost(patch)),
        web.put(one, refusing_the_lost(put)),
        web.delete(one, refusing_the_lost(remove)),
    ]


def _answer(whole: Record, order: str, number: int, status: int = 200) -> web.Response:
    step = _at(whole.fields, order, number)
    return web.json_response(step, status=status, headers={"ETag": f'"{whole.etag}"'})


def _number(request: web.Request) -> int:
    text = request.match_info["order"]
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise NotFound(f"there is no step {text[:20]}")
    return int(text)


def _at(now: Mapping[str, Any], order: str, number: int) -> Step:
    """One step. Raises NotFound."""
    for step in now["steps"]:
        if step[order] == number:
            return dict(step)
    raise NotFound(f"there is no step {number}")


def _with(now: Mapping[str, Any], order: str, number: int, step: Step | None) -> Step:
    """The whole with one step put in the stead of that of this number, or without it. Raises NotFound."""
    _at(now, order, number)
    parted = [([] if step is None else [step]) if one[order] == number else [one] for one in now["steps"]]
    return {**now, "steps": [one for part in parted for one in part]}
