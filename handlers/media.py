"""What a caller takes, has and sends: 406 for whoever takes nothing that an address answers with, 304 for whoever has
the answer already, 415 for a body that says that it is no JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from http import HTTPStatus

from aiohttp import web

from handlers.errors import Handler, problem

_FORM = "application/x-www-form-urlencoded"
_JSON = re.compile(r"(application|text)/json|[^/]+/[^/]+\+json")
_RANGE = re.compile(r"\s*([^\s/;,]+)/([^\s/;,]+)\s*(?:;(.*))?")
_QUALITY = re.compile(r"(?:^|;)\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", re.IGNORECASE)


def negotiated(handler: Handler, media: Sequence[str], *, takes_json: bool) -> Handler:
    """`handler`, which answers with one of `media` (none where there is nothing to read) and, when `takes_json`, is
    given JSON."""

    async def handle(request: web.Request) -> web.StreamResponse:
        accept = ",".join(request.headers.getall("Accept", []))
        if media and not any(liking(accept, one) for one in media):
            return problem(HTTPStatus.NOT_ACCEPTABLE, f"this is answered with {' or '.join(media)}")
        if takes_json and request.body_exists and not await _is_json(request):
            kind = request.content_type[:100]
            return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send Content-Type: application/json, not {kind}")
        return await handler(request)

    return handle


def remembered(handler: Handler) -> Handler:
    """`handler` of a GET, whose answer is not sent again to whoever has it (RFC 9110 §13.1.2)."""

    async def handle(request: web.Request) -> web.StreamResponse:
        answer = await handler(request)
        if answer.status != HTTPStatus.OK or not isinstance(answer, web.Response):
            return answer
        body = answer.body if isinstance(answer.body, bytes) else b""
        etag = answer.headers.setdefault("ETag", f'W/"{blake2b(body, digest_size=10).hexdigest()}"')
        if not {"*", etag.removeprefix("W/")} & set(_known(request)):
            return answer
        return web.Response(status=HTTPStatus.NOT_MODIFIED.value, headers={"ETag": etag})

    return handle


def _known(request: web.Request) -> list[str]:
    given = ",".join(request.headers.getall("If-None-Match", []))
    return [part.strip().removeprefix("W/") for part in given.split(",")]


async def _is_json(request: web.Request) -> bool:
    """By what it is said to be, or is for those who say nothing and for `curl -d`, which calls everything a form."""
    if "Content-Type" not in request.headers or _JSON.fullmatch(request.content_type):
        return True
    body = (await request.read()).lstrip()
    return not body or (request.content_type == _FORM and body.startswith(b"{"))


def liking(accept: str, media: str) -> float:
    """How much a caller likes `media`, from 0 to 1 (RFC 9110 §12.5.1): the narrowest range that has it decides. Who
    says nothing that can be read takes everything."""
    kind, _, detail = media.partition("/")
    ranges = [found.groups() for part in accept.lower().split(",") if (found := _RANGE.fullmatch(part))]
    for wanted in ((kind, detail), (kind, "*"), ("*", "*")):
        qualities = [_quality(rest or "") for *found, rest in ranges if tuple(found) == wanted]
        if qualities:
            return max(qualities)
    return 0.0 if ranges else 1.0


def _quality(parameters: str) -> float:
    found = _QUALITY.search(parameters)
    return float(found[1]) if found else 1.0
