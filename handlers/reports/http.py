"""`GET /api/v1/metrics/`: MTTD, MTTA and MTTR of a window, with their parts, in seconds."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.reports import Figure, Group, Report, Window
from handlers import parameters
from handlers.auth import Auth
from handlers.incidents.query import named_values
from handlers.reports.service import Found, ReportService

_KNOWN = ("from", "to", "service", "team", "severity", "group_by")
USUAL_DAYS = 30
LONGEST = timedelta(days=3 * 366)


def routes(reports: ReportService, auth: Auth) -> list[web.RouteDef]:
    """Reading takes the scope `read`."""

    async def metrics(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        window, group = _asked(request.query, await reports.directory(), reports)
        return web.json_response(_fields(await reports.report(window, group), group))

    return [web.get("/api/v1/metrics/", metrics)]


def _asked(given: MultiMapping[str], directory: Directory, reports: ReportService) -> tuple[Window, Group | None]:
    """Raises Invalid naming each parameter that is wrong."""
    faults = parameters.unknown(given, _KNOWN)
    usual_start, usual_end = reports.last(USUAL_DAYS)
    end = parameters.moment(given, "to", faults) or usual_end
    start = parameters.moment(given, "from", faults) or min(usual_start, end - timedelta(days=USUAL_DAYS))
    if start >= end:
        faults.append(Fault("from", "must be before to"))
    elif end - start > LONGEST:
        faults.append(Fault("from", "must be at most three years before to"))
    group = given.get("group_by", "")
    if group and group not in list(Group):
        faults.append(Fault("group_by", f"must be one of {', '.join(Group)}"))
    names = named_values(given, directory, faults)
    if faults:
        raise Invalid(faults)
    return Window(start=start, end=end, **names), Group(group) if group else None


def _fields(found: Found, group: Group | None) -> dict[str, Any]:
    window = {"from": found.window.start.isoformat(), "to": found.window.end.isoformat()}
    shown = window | {"timezone": found.zone} | report_fields(found.report)
    if group is None:
        return shown
    groups = [{"key": _named(key, group, found.directory)} | report_fields(one) for key, one in found.groups.items()]
    return shown | {"group_by": group.value, "groups": groups}


def _named(key: str, group: Group, directory: Directory) -> str:
    if group is Group.TEAM:
        team = directory.teams.get(key)
        return team.name if team else key
    return directory.service_name(key) or key if group is Group.SERVICE else key


def report_fields(one: Report) -> dict[str, Any]:
    """A report as JSON: lengths are seconds, null where there is none."""
    figures = {f"{name}_seconds": _figure(getattr(one, name)) for name in ("mttd", "mtta", "mttr")}
    parts = {f"{name}_seconds": _figure(getattr(one, name)) for name in ("intake", "notification", "human")}
    counts = {name: getattr(one, name) for name in ("count", "open", "duplicates", "self_resolved")}
    return counts | figures | parts


def _figure(one: Figure) -> dict[str, Any]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(one).items()}
