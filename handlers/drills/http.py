"""`/api/v1/drills/`: started, stopped, looked back at."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from blocks import drill_report as documents
from domain.drill_reports import DrillRecord, PlayedStep
from domain.errors import Fault, Invalid
from handlers.auth import Auth
from handlers.bodies import members, parse_object
from handlers.documents import markdown, wants_markdown
from handlers.drills import schema
from handlers.drills.schema import BASE, ONE
from handlers.drills.service import DrillService, Plan
from handlers.incidents.http import moment, named
from handlers.incidents.query import query_of
from handlers.shapes import check

_FIELDS = ("service", "severity", "participants", "channel", "speed", "title")


def routes(drills: DrillService, auth: Auth, locale: str) -> list[web.RouteDef]:
    """Reading takes the scope `read`, the rest `write`. `locale` is for teams that have none."""

    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        query, page = query_of(request.query, await drills.directory(), is_drill=True)
        count, found = await drills.listed(query)
        links, results = page.links(request.rel_url, count), [_fields(one) for one in found]
        shown: schema.DrillList = {"count": count, **links, "results": results}
        return web.json_response(shown)

    async def detail(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        is_markdown = wants_markdown(request)
        found = await drills.show(named(request))
        if is_markdown:
            return markdown(documents.document(found, found.locale or locale), documents.name(found.incident))
        return web.json_response(_detail(found))

    async def start(request: web.Request) -> web.Response:
        actor = await auth.require(request, "write")
        plan = _plan(parse_object(await request.read() or b"null"))
        _, incident = await drills.start(plan, actor)
        headers = {"Location": f"{BASE}{incident.short_id}/"}
        return web.json_response(_detail(await drills.show(incident.id)), status=201, headers=headers)

    async def stop(request: web.Request) -> web.Response:
        actor = await auth.require(request, "write")
        members(await request.read(), ())
        stopped = await drills.stop(named(request), actor)
        return web.json_response(_detail(await drills.show(stopped.id)))

    return [web.get(BASE, listed), web.post(BASE, start), web.get(ONE, detail), web.post(ONE + "stop/", stop)]


def _plan(value: Any) -> Plan:
    """Raises Invalid by field."""
    if not isinstance(value, dict):
        raise Invalid([Fault("", "must be a JSON object")])
    known = f"is not known here; this takes {', '.join(_FIELDS)}"
    faults = [Fault(name, known) for name in value if name not in _FIELDS]
    faults += [Fault(name, "is missing") for name in ("service", "severity", "channel") if name not in value]
    if faults:
        raise Invalid(faults)
    check(value, schema.DrillGiven)
    given = value | {"participants": tuple(value.get("participants", ()))}
    return Plan(**given)


def _fields(one: DrillRecord) -> schema.Drill:
    drill, incident, directory = one.drill, one.incident, one.directory
    return {
        "id": incident.id,
        "short_id": incident.short_id,
        "title": incident.title,
        "service": directory.service_name(incident.service),
        "severity": incident.severity,
        "status": incident.status,
        "speed": drill.speed,
        "participants": [directory.people[each].handle for each in drill.participants if each in directory.people],
        "channel": drill.channel,
        "started_by": drill.started_by,
        "started_at": moment(drill.started_at),
        "ended_at": moment(drill.ended_at),
    }


def _detail(one: DrillRecord) -> schema.DrillDetail:
    return {**_fields(one), "report": _report(one)}


def _report(one: DrillRecord) -> schema.DrillReportFields:
    found = one.report
    return {
        "lasted_minutes": _tenths(found.lasted),
        "acknowledgements": [
            {"name": taken.name, "at": moment(taken.at), "minutes": _tenths(taken.minutes)} for taken in found.taken
        ],
        "first_answer_minutes": None if found.answered is None else _tenths(found.answered),
        "steps": [_step(step) for step in found.steps],
        "runbook": [
            {
                "order": step.order,
                "title": step.title,
                "declared_minutes": step.declared,
                "took_minutes": None if step.took is None else _tenths(step.took),
                "state": step.state,
                "by": step.by or None,
            }
            for step in found.runbook
        ],
    }


def _step(step: PlayedStep) -> schema.DrillStep:
    return {
        "order": step.order,
        "planned_minute": step.planned_minute,
        "would_reach": [{"channel": channel, "name": name} for channel, name in step.planned],
        "misses": list(step.misses),
        "fired_at": moment(step.fired_at),
        "fired_minute": None if step.fired_minute is None else _tenths(step.fired_minute),
        "pages": [
            {
                "channel": page.channel,
                "name": page.name,
                "would_be": page.would_be or None,
                "state": page.state,
                "seconds": None if page.seconds is None else round(page.seconds, 3),
                "failure": page.failure or None,
            }
            for page in step.pages
        ],
    }


def _tenths(minutes: float) -> float:
    return round(minutes, 1)
