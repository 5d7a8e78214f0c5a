"""The HTTP application: every route with and without its trailing slash, one form of refusal, 1 MiB a body."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from handlers.errors import problems

LARGEST_BODY = 1024 * 1024


def application(routes: Iterable[web.RouteDef]) -> web.Application:
    """An application of `routes`. A slash at the end is optional, without a redirect: a POST would lose its body."""
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[problems])
    for route in routes:
        paths = {route.path, route.path.rstrip("/") or "/"}
        for path in sorted(paths):
            app.add_routes([web.RouteDef(route.method, path, route.handler, route.kwargs)])
    app.on_response_prepare.append(_harden)
    return app


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
