"""What the catalog's addresses share: which thing is meant, what is given, from which state on, and the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from zlib import crc32

from aiohttp import web

from domain.errors import Fault, Invalid, Outdated
from domain.people import Actor
from handlers.bodies import parse_object
from handlers.catalog.fields import Kind
from handlers.catalog.rest import CatalogRecords, Record
from handlers.errors import problem
from handlers.shapes import check

Change = Callable[[dict[str, Any]], Mapping[str, Any]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def key_of(request: web.Request) -> str:
    """The id or the name that the address has. PostgreSQL refuses to look for a NUL."""
    return request.match_info["id"].replace("\0", "")


async def given_object(request: web.Request, shape: Any) -> dict[str, Any]:
    """The JSON object of a request, whose fields are of the kinds that `shape` has. Raises BadBody, Invalid.

    Asked for once it is known who sends it: to read a long one takes time in which nobody is paged.
    """
    value = parse_object(await request.read() or b"null")
    if not isinstance(value, dict):
        raise Invalid([Fault("", "must be a JSON object")])
    check(value, shape)
    return value


def seen(request: web.Request) -> str:
    """The etag that a change begins from; "" for whatever there is (RFC 9110 §13.1.1)."""
    text = request.headers.get("If-Match", "").strip()
    # What good practice says of a thing may change without it: the part behind the dot.
    return "" if text in ("", "*") else text.removeprefix("W/").strip('"').partition(".")[0] or "-"


async def changed(kind: Kind, request: web.Request, records: CatalogRecords, actor: Actor, change: Change) -> Record:
    """The thing of the address, changed. Raises what the change does, and Outdated when somebody was faster."""
    return await records.change(kind, key_of(request), actor, seen(request), change)


def refusing_the_lost(handler: Handler) -> Handler:
    """`handler`, whose change is answered with 412 when it does not begin from what there is."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Outdated as error:
            return problem(HTTPStatus.PRECONDITION_FAILED, str(error))

    return handle


def answered(record: Record, status: int = 200) -> web.Response:
    """A thing, with its `ETag` and what good practice says of it."""
    found = [asdict(one) | {"severity": one.severity.value} for one in record.findings]
    fields = record.fields | {"findings": found}
    etag = f"{record.etag}.{crc32(repr(found).encode()):x}" if found else record.etag
    return web.json_response(fields, status=status, headers={"ETag": f'"{etag}"'})
