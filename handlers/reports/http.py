"""`GET /api/v1/metrics/`: MTTD, MTTA and MTTR of a window, with their parts, in seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from aiohttp import web
from multidict import MultiMapping

from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.reports import Figure, Group, Report, Window
from handlers import parameters
from handlers.auth import Auth
from handlers.incidents.query import named_values
from handlers.reports import schema
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


def _fields(found: Found, group: Group | None) -> schema.Metrics:
    window = {"from": found.window.start.isoformat(), "to": found.window.end.isoformat(), "timezone": found.zone}
    shown = cast(schema.Metrics, {**window, **report_fields(found.report)})
    if group is not None:
        shown["group_by"] = group
        shown["groups"] = [
            {"key": _named(key, group, found.directory), **report_fields(one)} for key, one in found.groups.items()
        ]
    return shown


def _named(key: str, group: Group, directory: Directory) -> str:
    if group is Group.TEAM:
        team = directory.teams.get(key)
        return team.name if team else key
    return directory.service_name(key) or key if group is Group.SERVICE else key


def report_fields(one: Report) -> schema.Report:
    """A report as JSON: lengths are seconds, null where there is none."""
    return {
        "count": one.count,
        "open": one.open,
        "duplicates": one.duplicates,
        "self_resolved": one.self_resolved,
        "drills": one.drills,
        "mttd_seconds": _figure(one.mttd),
        "mtta_seconds": _figure(one.mtta),
        "mttr_seconds": _figure(one.mttr),
        "intake_seconds": _figure(one.intake),
        "notification_seconds": _figure(one.notification),
        "human_seconds": _figure(one.human),
    }


def _figure(one: Figure) -> schema.Figure:
    return {"count": one.count, "mean": _rounded(one.mean), "median": _rounded(one.median), "p90": _rounded(one.p90)}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
