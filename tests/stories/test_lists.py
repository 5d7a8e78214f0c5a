"""Every list of the API, by its description: pages, search, orders, filters, and a fault by name for all else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.api import ENDPOINTS, openapi
from handlers.schema import Endpoint
from tests.stories.test_rest import Api
from tests.stories.test_rest import admin as admin
from tests.world import World

ALWAYS = {"search", "ordering", "page", "page_size"}
FIELDS = {"count", "next", "previous", "results"}


def _lists() -> Iterator[tuple[str, Endpoint]]:
    """What answers with a page of something."""
    for (method, path), one in ENDPOINTS.items():
        if method == "GET" and "results" in getattr(one.answer, "__annotations__", {}):
            yield path, one


@cache
def _described() -> dict[str, Any]:
    return openapi()


def _orders(path: str) -> list[str]:
    parameters = _described()["paths"][path]["get"]["parameters"]
    return list(next(one["schema"] for one in parameters if one["name"] == "ordering")["enum"])


@pytest.mark.parametrize(("path", "one"), [pytest.param(path, one, id=path) for path, one in _lists()])
def test_a_list_has_pages_a_search_an_order_and_filters(path: str, one: Endpoint) -> None:
    assert {parameter.name for parameter in one.parameters} > ALWAYS
    assert one.answer.__annotations__.keys() >= FIELDS
    assert len(_orders(path)) >= 2


async def test_a_list_does_what_it_may_be_asked_and_names_what_not(world: World, admin: Api) -> None:
    incident = (await world.alert())["incident"]["short_id"]
    world.expect_what_was_said()
    here = {"incidents/{id}": f"incidents/{incident}", "runbooks/{id}": "runbooks/Redis Cluster Recovery"}
    here |= {"policies/{id}": "policies/SRE Core - SEV1"}
    for path, one in _lists():
        address = path.removeprefix("/api/v1/")
        for named, known in here.items():
            address = address.replace(named, known)
        for query in _good(path, one):
            status, said, _ = await admin.ask("GET", f"{address}?{urlencode(query)}")
            assert (status, said.keys() >= FIELDS) == (200, True), (address, query, said)
        for name, value in _bad(one).items():
            status, said, _ = await admin.ask("GET", f"{address}?{urlencode({name: value})}")
            assert (status, [each["field"] for each in said["errors"]]) == (422, [name]), (address, name, said)


def _good(path: str, one: Endpoint) -> Iterator[dict[str, str]]:
    known = {parameter.name for parameter in one.parameters}
    for order in _orders(path):
        yield {"ordering": order}
    yield {"search": "nothing of the kind", "page": "2", "page_size": "1"}
    yield {name: "true" for name in known if name.startswith("is_")}
    yield {name: "sev1,SEV2_HIGH" for name in known if name == "severity"}


def _bad(one: Endpoint) -> dict[str, Any]:
    known = {parameter.name for parameter in one.parameters}
    wrong = {"colour": "red", "ordering": "colour", "page": "0", "page_size": "101"}
    choices = {"severity", "status", "channel", "role", "state", "what", "cover", "event"}
    return wrong | {name: "colour" for name in known if name in choices or name.startswith("is_")}


async def test_lists_find_what_is_asked_for(admin: Api) -> None:
    async def names(path: str, field: str) -> list[str]:
        status, said, _ = await admin.ask("GET", path)
        assert status == 200, said
        assert said["count"] == len(said["results"])
        return [one[field] for one in said["results"]]

    assert "ada" in await names("people/?team=sre core", "handle")
    assert await names("people/?team=nothing", "handle") == []
    assert await names("people/?role=admin,operator&search=ada", "handle") == ["ada"]
    assert await names("teams/?member=ada&ordering=-name", "name") == ["SRE Core", "Platform"]
    assert await names("runbooks/?severity=SEV1&service=redis-prod", "title") == ["Redis Cluster Recovery"]
    steps = "runbooks/Redis Cluster Recovery/steps/"
    orders = [int(one) for one in await names(steps + "?ordering=-order", "order")]
    assert orders == sorted(orders, reverse=True) and len(orders) == 6
    assert 0 < len(await names(steps + "?is_critical=true", "order")) < 6
    assert (await admin.ask("GET", "runbooks/?is_active="))[0] == 422
    assert await names("tokens/?scope=admin", "name") == ["admin"]


async def test_what_is_known_already_is_not_sent_again(admin: Api) -> None:
    for path in ("runbooks/Redis Cluster Recovery/", "runbooks/", "incidents/", "teams/SRE Core/"):
        _, _, etag = await admin.ask("GET", path)
        assert etag
        for known in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
            assert await _looked(admin, path, known) == (304, etag, b"")
        assert (await _looked(admin, path, '"other"'))[0] == 200
    _, _, before = await admin.ask("GET", "runbooks/Redis Cluster Recovery/")
    changed = await admin.ask("PATCH", "runbooks/Redis Cluster Recovery/", {"description": "New"}, If_Match=before)
    assert changed[0] == 200
    assert (await _looked(admin, "runbooks/Redis Cluster Recovery/", before))[0] == 200


async def _looked(admin: Api, path: str, known: str) -> tuple[int, str, bytes]:
    headers = {"Authorization": f"Token {admin.token}", "If-None-Match": known}
    async with admin.world.http.get(f"/api/v1/{path}", headers=headers) as answer:
        return answer.status, answer.headers["ETag"], await answer.read()
