"""A post-mortem by HTTP, as JSON and as Markdown."""

from __future__ import annotations

from aiohttp import web

from blocks import postmortem_document as documents
from domain.directory import Directory
from domain.kpis import kpis
from domain.postmortems import Action, Record, Section
from handlers.auth import Auth
from handlers.documents import markdown, wants_markdown
from handlers.incidents.http import moment, named
from handlers.incidents.schema import ONE
from handlers.postmortems import schema
from handlers.postmortems.service import PostmortemService


def routes(postmortems: PostmortemService, auth: Auth, locale: str) -> list[web.RouteDef]:
    """Reading takes the scope `read`. `locale` is for teams that have none."""

    async def postmortem(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        is_markdown = wants_markdown(request)
        record = await postmortems.show(named(request))
        if not is_markdown:
            return web.json_response(postmortem_fields(record, team_locale(record, locale)))
        text = documents.document(record, team_locale(record, locale))
        return markdown(text, f"postmortem-{record.incident.short_id}.md")

    return [web.get(ONE + "postmortem/", postmortem)]


def team_locale(record: Record, default: str) -> str:
    """The language of an incident's team."""
    team = record.directory.teams.get(record.incident.team)
    return (team.locale if team else "") or default


def postmortem_fields(record: Record, locale: str) -> schema.Postmortem:
    """A post-mortem as the contract has it. `state` is null where none is asked for: the sections then are what the
    record says, as in one that nobody has written in yet."""
    one, texts = record.postmortem, documents.texts_of(record, locale)
    figures = kpis(record.incident)
    return {
        "incident": record.incident.short_id,
        "state": one.state if one else None,
        "step": one.step or None if one else None,
        "asked_by": (one.asked_by or None) if one else None,
        "due_on": one.due_on.isoformat() if one and one.due_on else None,
        "version": one.version if one else 0,
        "written_by": record.written.by if record.written else None,
        "written_at": moment(record.written.at) if record.written else None,
        "published_version": (one.published_version or None) if one else None,
        "published_at": moment(one.published_at) if one else None,
        "published_by": (one.published_by or None) if one else None,
        "waived_by": (one.waived_by or None) if one else None,
        "waived_because": (one.waived_because or None) if one else None,
        "sections": {section: texts.get(section, "") for section in Section},
        "kpis": {
            "mttd_seconds": figures.mttd_seconds,
            "mtta_seconds": figures.mtta_seconds,
            "mttr_seconds": figures.mttr_seconds,
        },
        "runbook": _runbook(record),
        "actions": [action_fields(action, record.directory) for action in record.actions],
    }


def _runbook(record: Record) -> schema.Run | None:
    run = record.run
    if run is None:
        return None
    steps: list[schema.RunStep] = [
        {
            "order": written.order,
            "title": written.title,
            "state": went.state,
            "has_problem": went.has_problem,
            "note": went.note or None,
            "by": went.by or None,
            "confirmed_by": went.confirmed_by or None,
            "started_at": moment(went.started_at),
            "finished_at": moment(went.finished_at),
        }
        for written, went in zip(run.runbook.steps, run.steps, strict=True)
    ]
    return {"title": run.runbook.title, "version": run.runbook.version, "state": run.state, "steps": steps}


def action_fields(action: Action, directory: Directory) -> schema.Action:
    """An action as the contract has it; `owner` is a handle."""
    owner = directory.people.get(action.owner)
    return {
        "id": action.id,
        "text": action.text,
        "owner": owner.handle if owner else None,
        "due_on": action.due_on.isoformat(),
        "is_done": action.is_done,
        "done_at": moment(action.done_at),
        "done_by": action.done_by or None,
    }
