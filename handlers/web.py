"""The HTTP application: every route with and without its trailing slash, one form of refusal, 1 MiB a body."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Middleware

from handlers import traces
from handlers.compression import LARGEST_BODY
from handlers.errors import PROBLEM, Handler, problem_body, problems
from handlers.promptness import PROMPTLY_SECONDS, Promptness

log = logging.getLogger(__name__)

BODY_SECONDS = 10.0
"""How long a body may take to arrive: whoever is slower holds a connection that others need."""


def application(
    routes: Iterable[web.RouteDef], body_seconds: float = BODY_SECONDS, prompt_seconds: float = PROMPTLY_SECONDS
) -> web.Application:
    """An application of `routes`. A slash at the end is optional, without a redirect: a POST would lose its body."""
    promptness = Promptness(prompt_seconds)
    bounds = [_bounded(body_seconds), promptness.middleware]
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[problems, *bounds])
    app.on_cleanup.append(promptness.finish)
    for route in routes:
        bare = route.path.rstrip("/")
        handler = _traced(route.handler) if "/incidents/{id}" in bare else route.handler
        for path in (bare, f"{bare}/") if bare else ("/",):
            app.add_routes([web.RouteDef(route.method, path, handler, route.kwargs)])
    app.on_response_prepare.append(_in_one_form)
    app.on_response_prepare.append(_harden)
    return app


def _traced(handler: Handler) -> Handler:
    """Lines that a request leaves are about the incident that its address names."""

    async def traced(request: web.Request) -> web.StreamResponse:
        with traces.about(request.match_info["id"]):
            return await handler(request)

    return traced


def _bounded(seconds: float) -> Middleware:
    """Refuse a body that does not come."""

    @web.middleware
    async def bounded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.content.is_eof():
            return await handler(request)
        return await _within(seconds, request, handler)

    return bounded


async def _within(seconds: float, request: web.Request, handler: Handler) -> web.StreamResponse:
    """The answer, when the body is there in time; from then on, how long it takes is up to Vigie."""
    is_done = False
    try:
        async with asyncio.timeout(seconds) as patience:
            request.content.on_eof(lambda: None if is_done else patience.reschedule(None))
            return await handler(request)
    except TimeoutError:
        if patience.expired():
            raise web.HTTPRequestTimeout from None
        raise
    finally:
        is_done = True


async def _in_one_form(request: web.Request, response: web.StreamResponse) -> None:
    """Put aiohttp's own refusals, those of what nobody foresaw among them, in the form of all others."""
    is_failure = response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    foreign = ("text/plain", "text/html") if is_failure else ("text/plain",)
    if response.status < HTTPStatus.BAD_REQUEST or response.content_type not in foreign:
        return
    assert isinstance(response, web.Response)
    detail = response.text or response.reason or ""
    if is_failure:
        # aiohttp has just logged the traceback, with nothing in between.
        reference = secrets.token_hex(4)
        log.error("%s %s failed; the reference %s was given", request.method, request.path, reference)
        detail = f"something went wrong in Vigie; its log says what, at the reference {reference}"
    response.body = problem_body(HTTPStatus(response.status), detail)
    response.content_type = PROBLEM
    response.charset = None
    response.headers["Content-Length"] = str(len(response.body))


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HARDENED.items():
        response.headers.setdefault(name, value)


HARDENED = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
"""Headers of every answer that does not say otherwise."""
