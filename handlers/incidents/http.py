"""Incidents by HTTP: lists, details, and what the buttons do. Field names are the contract's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from aiohttp import web

from blocks import timeline_document as documents
from domain.directory import Directory
from domain.incidents import Incident
from domain.kpis import kpis
from domain.rooms import Room
from domain.timeline import Entry
from handlers.auth import Auth
from handlers.bodies import members
from handlers.documents import markdown, wants_markdown
from handlers.incidents import schema
from handlers.incidents.declaration import Declaration
from handlers.incidents.query import query_of
from handlers.incidents.schema import BASE, ONE
from handlers.incidents.service import Detail, IncidentService
from handlers.lists import page_of
from handlers.repeats.http import repeat_key

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_DECLARED = ("title", "description", "severity", "service", "url")


def routes(incidents: IncidentService, auth: Auth, locale: str = "en") -> list[web.RouteDef]:
    """Reading takes the scope `read`, changing `write`. `locale` is for teams that have none."""
    return [*_reading(incidents, auth, locale), *_changing(incidents, auth)]


def _reading(incidents: IncidentService, auth: Auth, locale: str) -> list[web.RouteDef]:
    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        query, page = query_of(request.query, await incidents.directory())
        count, found = await incidents.listed(query)
        links = page.links(request.rel_url, count)
        results = [incident_fields(detail.incident, detail.directory, detail.room) for detail in found]
        shown: schema.IncidentPage = {"count": count, **links, "results": results}
        return web.json_response(shown)

    async def detail(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        return web.json_response(_detail(await incidents.show(named(request))))

    async def timeline(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        is_markdown = wants_markdown(request)
        found = await incidents.show(named(request))
        if not is_markdown:
            entries = timeline_fields(found.timeline)["results"]
            return web.json_response(page_of(entries, request.rel_url, schema.TIMELINE, also=("format",)))
        text = documents.timeline(found.incident, found.timeline, found.zone, found.locale or locale)
        return markdown(text, f"timeline-{found.incident.short_id}.md")

    return [
        web.get(BASE, listed),
        web.get(ONE, detail),
        web.get(ONE + "timeline/", timeline),
    ]


def _changing(incidents: IncidentService, auth: Auth) -> list[web.RouteDef]:
    async def acknowledge(request: web.Request) -> web.Response:
        actor = await auth.require(request, "write")
        members(await request.read(), ())
        return await now_of(incidents, await incidents.acknowledge(named(request), actor))

    async def resolve(request: web.Request) -> web.Response:
        actor = await auth.require(request, "write")
        given = members(await request.read(), ("note", "resolution_note", "root_cause"))
        note = given.get("note") or given.get("resolution_note", "")
        root_cause = given.get("root_cause", "")
        return await now_of(incidents, await incidents.resolve(named(request), actor, note, root_cause))

    async def escalate(request: web.Request) -> web.Response:
        actor = await auth.require(request, "write")
        members(await request.read(), ())
        return await now_of(incidents, await incidents.escalate(named(request), actor))

    async def note(request: web.Request) -> web.Response:
        actor = await auth.require(request, "write")
        given = members(await request.read(), ("text",))
        return await now_of(incidents, await incidents.note(named(request), actor, given.get("text", "")))

    async def declare(request: web.Request) -> web.Response:
        actor = await auth.require(request, "write")
        given = members(await request.read(), _DECLARED)
        # A tool that asks again after a lost answer sends the same key (the IETF's draft-ietf-httpapi-idempotency-key).
        once = repeat_key(request)
        key = f"{actor.key} {once}" if once else ""
        said = Declaration(**{name: given.get(name, "") for name in _DECLARED}, source="api", key=key)
        opened = await incidents.declare(said, actor)
        return web.json_response(_detail(await incidents.show(opened.incident.id)), status=201)

    return [
        web.post(BASE, declare),
        web.post(ONE + "acknowledge/", acknowledge),
        web.post(ONE + "resolve/", resolve),
        web.post(ONE + "escalate/", escalate),
        web.post(ONE + "notes/", note),
    ]


async def now_of(incidents: IncidentService, changed: Incident) -> web.Response:
    """The answer to a change: the incident as it is now."""
    return web.json_response(_detail(await incidents.show(changed.id)))


def named(request: web.Request) -> str:
    """The incident that the address names. PostgreSQL refuses to look for a NUL."""
    return request.match_info["id"].replace("\0", "")


def timeline_fields(entries: Sequence[Entry]) -> schema.Timeline:
    """A timeline as the contract has it."""
    results = [_entry(entry) for entry in entries]
    return {"count": len(results), "next": None, "previous": None, "results": results}


def _detail(detail: Detail) -> schema.IncidentDetail:
    fields = incident_fields(detail.incident, detail.directory, detail.room)
    return {**fields, "timeline": [_entry(entry) for entry in detail.timeline]}


def incident_fields(incident: Incident, directory: Directory, room: Room | None = None) -> schema.Incident:
    """An incident as the contract has it, without its timeline."""
    figures = kpis(incident)
    lead, team = directory.people.get(incident.lead), directory.teams.get(incident.team)
    owner, communications = directory.people.get(incident.owner), directory.people.get(incident.communications)
    return {
        "id": incident.id,
        "short_id": incident.short_id,
        "title": incident.title,
        "description": incident.description,
        "severity": incident.severity,
        "status": incident.status,
        "service": directory.service_name(incident.service),
        "team": team.name if team else None,
        "lead": lead.handle if lead else None,
        "source": incident.source,
        "url": incident.url,
        "detected_at": moment(incident.detected_at),
        "created_at": moment(incident.created_at),
        "acknowledged_at": moment(incident.acknowledged_at),
        "acknowledged_by": incident.acknowledged_by or None,
        "owner": owner.handle if owner else None,
        "communications": communications.handle if communications else None,
        "snoozed_until": moment(incident.snoozed_until),
        "mitigated_at": moment(incident.mitigated_at),
        "mitigated_by": incident.mitigated_by or None,
        "duplicate_of": incident.duplicate_of or None,
        "resolved_at": moment(incident.resolved_at),
        "resolved_by": incident.resolved_by or None,
        "resolution_note": incident.resolution_note,
        "root_cause": incident.root_cause,
        "war_room": _war_room(room),
        "is_drill": incident.is_drill,
        "kpis": {
            "mttd_seconds": figures.mttd_seconds,
            "mtta_seconds": figures.mtta_seconds,
            "mttr_seconds": figures.mttr_seconds,
        },
    }


def _war_room(room: Room | None) -> schema.WarRoom | None:
    if room is None or not room.channel:
        return None
    return {
        "state": room.state,
        "name": room.name,
        "channel": room.channel,
        "url": f"https://slack.com/app_redirect?channel={room.channel}",
        "opened_at": moment(room.opened_at),
        "archived_at": moment(room.archived_at),
    }


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def _entry(entry: Entry) -> schema.TimelineEntry:
    return {"at": moment(entry.at), "event": entry.event, "by": entry.by or None, "details": entry.details}
