"""`/api/v1/incidents/{id}/postmortem/`: as JSON, or the whole as Markdown."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from blocks.postmortem_paper import Paper, markdown
from domain.errors import Fault, Invalid
from domain.kpis import kpis
from handlers.auth import Auth
from handlers.postmortems.service import PostmortemService, Review

_FORMATS = ("json", "markdown")


def routes(postmortems: PostmortemService, auth: Auth, locale: str) -> list[web.RouteDef]:
    """Reading takes the scope `read`; `locale` is the language of Markdown for teams that have none."""

    async def shown(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        form = request.query.get("format", "")
        if form and form not in _FORMATS:
            raise Invalid([Fault("format", f"must be one of {', '.join(_FORMATS)}")])
        found = await postmortems.kept(request.match_info["id"])
        if form == "markdown" or (not form and "text/markdown" in request.headers.get("Accept", "")):
            team = found.directory.teams.get(found.incident.team)
            text = markdown(paper(found), (team.locale if team else "") or locale)
            return web.Response(text=text, content_type="text/markdown", charset="utf-8")
        return web.json_response(_fields(found))

    return [web.get("/api/v1/incidents/{id}/postmortem/", shown)]


def paper(found: Review) -> Paper:
    """Everything that is known, for the file."""
    directory, incident = found.directory, found.incident
    team = directory.teams.get(incident.team)
    return Paper(
        incident=incident,
        postmortem=found.postmortem,
        service=directory.service_name(incident.service),
        team=team.name if team else "",
        zone=team.on_call.timezone if team else "UTC",
        entries=found.entries,
        pages=found.pages,
        run=found.run,
        names={person.slack: person.name for person in directory.people.values() if person.slack},
    )


def _fields(found: Review) -> dict[str, Any]:
    incident, written, figures = found.incident, found.postmortem, kpis(found.incident)
    return {
        "incident": incident.short_id,
        "status": written.state.value.upper(),
        "version": written.version,
        **written.sections,
        "written_by": written.by,
        "written_at": written.at.isoformat() if written.at else None,
        "kpis": {
            "mttd_seconds": figures.mttd_seconds,
            "mtta_seconds": figures.mtta_seconds,
            "mttr_seconds": figures.mttr_seconds,
        },
    }
