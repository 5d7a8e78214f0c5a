"""`/healthz`: the process lives. `/readyz`: it is able to page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Protocol

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Check:
    """Whether one part does its work, and in words how it is."""

    ok: bool
    detail: str


class Readiness(Protocol):
    """Looks at every part that paging takes."""

    async def check(self) -> Mapping[str, Check]:
        """Each part by name."""


def routes(readiness: Readiness) -> list[web.RouteDef]:
    """Two addresses that need no token."""
    life = {"status": "alive", "version": version("vigie")}

    async def alive(_: web.Request) -> web.Response:
        return web.json_response(life)

    async def ready(_: web.Request) -> web.Response:
        checks = await readiness.check()
        is_ready = all(check.ok for check in checks.values())
        body = {
            "status": "ready" if is_ready else "not ready",
            "checks": {name: asdict(check) for name, check in checks.items()},
        }
        return web.json_response(body, status=200 if is_ready else 503)

    return [web.get("/healthz", alive), web.get("/readyz", ready)]
