"""`/api/v1/simulate/`: a night foretold, as `/policy simulate` and `vigie simulate` do; nothing is sent."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web
from multidict import MultiMapping

from domain import wall_clock
from domain.errors import Fault, Invalid
from domain.severities import Severity, severity_named
from handlers import parameters
from handlers.auth import Auth
from handlers.coverage.http import hole_fields
from handlers.policies.judgement import JudgementService
from handlers.policies.query import forecast_fields

_KNOWN = ("service", "severity", "at")


def routes(judgement: JudgementService, auth: Auth) -> list[web.RouteDef]:
    """Reading takes the scope `read`."""

    async def simulate(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        service, severity, at = _asked(request.query)
        forecast = await judgement.simulate(service, severity, at)
        swept, directory = await judgement.holes(service, severity)
        holes = [hole_fields(hole, directory) for hole in swept]
        return web.json_response(forecast_fields(forecast) | {"holes": holes})

    return [web.get("/api/v1/simulate/", simulate)]


def _asked(given: MultiMapping[str]) -> tuple[str, Severity, datetime | None]:
    """Raises Invalid naming each parameter that is wrong."""
    faults = parameters.unknown(given, _KNOWN)
    service = parameters.text(given, "service").strip()
    if not service:
        faults.append(Fault("service", "is missing: a service's name or alias"))
    severity = severity_named(given.get("severity", ""))
    if severity is None:
        faults.append(Fault("severity", f"must be one of {', '.join(Severity)}"))
    at = _moment(given.get("at", "").strip(), faults)
    if faults or severity is None:
        raise Invalid(faults)
    return service, severity, at


def _moment(written: str, faults: list[Fault]) -> datetime | None:
    if not written:
        return None
    try:
        return wall_clock.written(written)
    except ValueError:
        faults.append(Fault("at", "must be a time such as 2026-12-01T03:00 or 2026-12-01T03:00:00Z"))
        return None
