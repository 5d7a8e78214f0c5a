"""The header Idempotency-Key (the IETF's draft-ietf-httpapi-idempotency-key-header): a POST whose answer was lost may
be sent again."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from domain.errors import Fault, Invalid
from handlers.auth import Auth
from handlers.repeats.service import Answer, RepeatService
from handlers.turns import Turns

HEADER = "Idempotency-Key"
LONGEST = 255
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def once(handler: Handler, repeats: RepeatService, auth: Auth, scope: str) -> Handler:
    """`handler`, which takes `scope`, and whose successes are given again to the same caller who brings the same key
    with the same request. One that comes while the first is under way waits for its answer; in another process it is
    refused (Conflict)."""
    turns = Turns()

    async def handle(request: web.Request) -> web.StreamResponse:
        key = repeat_key(request)
        if not key:
            return await handler(request)
        caller = await auth.caller(request, scope)
        mine = _digest(caller.encode(), key.encode())
        asked = _digest(request.method.encode(), request.rel_url.raw_path.rstrip("/").encode(), await request.read())
        async with turns.of(mine):
            known = await repeats.begin(mine, asked)
            return _again(known) if known else await _carried_out(handler, request, repeats, mine)

    return handle


def repeat_key(request: web.Request) -> str:
    """The key that a request brings, "" when there is none. Raises Invalid for one that can't be kept."""
    key = request.headers.get(HEADER, "").replace("\0", "").strip()
    if len(key) > LONGEST:
        raise Invalid([Fault(HEADER, f"must be at most {LONGEST} characters")])
    # What was no UTF-8 comes as halves of surrogate pairs.
    if any("\ud800" <= character <= "\udfff" for character in key):
        raise Invalid([Fault(HEADER, "must be UTF-8")])
    return key


async def _carried_out(handler: Handler, request: web.Request, repeats: RepeatService, key: str) -> web.StreamResponse:
    is_kept = False
    try:
        answer = await handler(request)
        if isinstance(answer, web.Response) and answer.status < 300:
            body = answer.body if isinstance(answer.body, bytes) else b""
            said = {"etag": answer.headers.get("ETag", ""), "location": answer.headers.get("Location", "")}
            await repeats.answered(key, Answer(answer.status, body, **said))
            is_kept = True
        return answer
    finally:
        if not is_kept:
            await repeats.drop(key)


def _again(known: Answer) -> web.Response:
    headers = {"ETag": known.etag, "Location": known.location}
    sent = {name: value for name, value in headers.items() if value} | {"Idempotency-Replayed": "true"}
    return web.Response(status=known.status, body=known.body, content_type="application/json", headers=sent)


def _digest(*parts: bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()
