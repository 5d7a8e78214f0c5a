"""`/metrics`: what Prometheus reads. Needs no token, and names nobody."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Exposition(Protocol):
    """Every figure as of now."""

    async def text(self) -> bytes:
        """In Prometheus's text format."""


def routes(figures: Exposition) -> list[web.RouteDef]:
    """One address."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=await figures.text(), headers={"Content-Type": CONTENT_TYPE})

    return [web.get("/metrics", metrics)]
