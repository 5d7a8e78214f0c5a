"""Opening an incident from Slack: the form of `/incident declare` and the shortcuts; keeping a message as a note."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import declare as looks
from blocks import inputs
from blocks.declare import Form
from blocks.errors import sentence
from blocks.incidents import notice
from blocks.inputs import ACTION, OPTIONS, Option
from domain.directory import Directory
from domain.errors import Forbidden, VigieError
from domain.incidents import Incident, Severity, Status
from domain.people import Permission, Service
from handlers import forms
from handlers.incidents.service import Declaration, IncidentService, permit
from handlers.slack import Body, People, fill_view, open_view, submit
from handlers.slack_commands import Asked

_FIELDS = {"title": "title", "service": "service", "description": "description"}
_NOTE_FIELDS = {"text": "text"}
_OPEN = (Status.TRIGGERED, Status.ACKNOWLEDGED, Status.MITIGATED)
_WORDS_KEPT = 2000


class Declaring:
    """The declare form's life: opened, changed as somebody chooses, sent."""

    def __init__(self, incidents: IncidentService) -> None:
        self._incidents = incidents

    async def from_command(self, asked: Asked) -> None:
        """`/incident declare [title]`: the modal is open already."""
        directory = await self._incidents.directory()
        await fill_view(asked.client, asked.view, looks.form(form_of(directory, title=asked.rest[:250]), asked.locale))

    async def say_in_view(self, asked: Asked, title: str, text: str) -> None:
        """A few words in the modal that was opened for nothing."""
        await fill_view(asked.client, asked.view, notice(title, text, asked.locale))

    async def open(self, client: AsyncWebClient, body: Body, people: People, **known: str) -> None:
        """Open the form with what is known; whoever may not declare is told so in its place."""
        view = await open_view(client, body, looks.title(people.default), people.default)
        locale = await people.locale(body)
        try:
            permit(await people.actor(body), Permission.DECLARE)
        except Forbidden as error:
            await fill_view(client, view, notice(looks.title(locale), sentence(error, locale), locale))
            return
        directory = await self._incidents.directory()
        await fill_view(client, view, looks.form(form_of(directory, **known), locale))

    async def change(self, client: AsyncWebClient, body: Body, locale: str) -> None:
        """Show what the service and the severity chosen so far set off."""
        directory = await self._incidents.directory()
        view = body["view"]
        values = view["state"]["values"]
        shown = form_of(
            directory,
            service=inputs.picked(values, "service"),
            severity=inputs.picked(values, "severity"),
            origin=_origin(body),
        )
        await fill_view(client, view["id"], looks.form(shown, locale))

    async def suggest(self, typed: str) -> dict[str, Any]:
        """The services whose name or team has these words."""
        directory = await self._incidents.directory()
        wanted = typed.casefold()
        found = [one for one in _services(directory) if wanted in one.words.casefold()]
        return inputs.suggestions(found)


def form_of(
    directory: Directory,
    *,
    title: str = "",
    service: str = "",
    severity: str = "",
    description: str = "",
    origin: str = "",
) -> Form:
    """The form, with what follows from the service and severity."""
    chosen = directory.services.get(service)
    how_bad = Severity(severity) if severity in set(Severity) else Severity.SEV2
    team = directory.teams.get(chosen.team) if chosen else None
    policy = directory.policy_for(chosen.team, how_bad) if chosen else None
    services = _services(directory)
    return Form(
        services=services if len(services) <= OPTIONS else (),
        service=Option(chosen.id, _words(chosen, directory)) if chosen else None,
        severity=how_bad,
        title=title,
        description=description,
        origin=origin,
        team=team.name if team else "",
        channel=team.channel if team else "",
        policy=policy.name if policy else "",
        runbooks=tuple(book.title for book in directory.runbooks_for(chosen.id, how_bad)) if chosen else (),
    )


def _services(directory: Directory) -> list[Option]:
    options = [Option(service.id, _words(service, directory)) for service in directory.services.values()]
    return sorted(options, key=lambda option: option.words.casefold())


def _words(service: Service, directory: Directory) -> str:
    team = directory.teams.get(service.team)
    return f"{service.name} · {team.name}" if team else service.name


def _origin(body: Body) -> str:
    try:
        kept = json.loads(forms.metadata(body))
    except ValueError:
        return ""
    return str(kept.get("origin", "")) if isinstance(kept, dict) else ""


def register_declaring(app: AsyncApp, declaring: Declaring, incidents: IncidentService, people: People) -> None:
    """Put the form's doors and the shortcuts in `app`."""
    _register_shortcuts(app, declaring, incidents, people)
    _register_form(app, declaring, incidents, people)


def _register_form(app: AsyncApp, declaring: Declaring, incidents: IncidentService, people: People) -> None:
    @app.action({"block_id": "service", "action_id": ACTION})
    @app.action({"block_id": "severity", "action_id": ACTION})
    async def chosen(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await declaring.change(client, body, await people.locale(body))

    @app.options({"block_id": "service", "action_id": ACTION})
    async def typed(ack: AsyncAck, body: Body) -> None:
        await ack(**await declaring.suggest(str(body.get("value", ""))))

    @app.view(looks.CALLBACK)
    async def send(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        values = body["view"]["state"]["values"]
        severity = inputs.picked(values, "severity")
        draft = Declaration(
            title=forms.typed(body, "title"),
            service=inputs.picked(values, "service"),
            severity=Severity(severity) if severity in set(Severity) else Severity.SEV2,
            description=forms.typed(body, "description"),
            url=_origin(body),
            key=str(body["view"]["id"]),
        )
        work = incidents.declare(draft, await people.actor(body))
        await submit(ack, client, body, work, fields=_FIELDS, title=looks.title(locale), locale=locale)

    @app.view(looks.NOTE_CALLBACK)
    async def keep(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        chosen = inputs.picked(body["view"]["state"]["values"], "incident")
        work = incidents.note(chosen, await people.actor(body), forms.typed(body, "text"))
        await submit(ack, client, body, work, fields=_NOTE_FIELDS, title=looks.note_title(locale), locale=locale)


def _register_shortcuts(app: AsyncApp, declaring: Declaring, incidents: IncidentService, people: People) -> None:
    @app.shortcut("incident.declare")
    async def declare(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await declaring.open(client, body, people)

    @app.shortcut("incident.declare_from")
    async def declare_from(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        text = _said(body)
        first = next((line for line in text.splitlines() if line.strip()), "")
        await declaring.open(client, body, people, title=first[:250], description=text, origin=_place(body))

    @app.shortcut("incident.note_from")
    async def note_from(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.note_title(people.default), people.default)
        locale = await people.locale(body)
        try:
            permit(await people.actor(body), Permission.NOTE)
            about, found = await _about(body, incidents)
        except VigieError as error:
            await fill_view(client, view, notice(looks.note_title(locale), sentence(error, locale), locale))
            return
        await fill_view(client, view, looks.note_form(found, about, _said(body), locale))


async def _about(body: Body, incidents: IncidentService) -> tuple[str, list[Incident]]:
    """The incident in whose thread a message is ("" for none), and all that it may be kept in."""
    message, channel = body.get("message", {}), body.get("channel", {})
    here = await incidents.at(str(channel.get("id", "")), str(message.get("thread_ts") or message.get("ts", "")))
    open_ones = await incidents.meant("", "", _OPEN)
    found = [one.incident for one in open_ones if here is None or one.incident.id != here.id]
    return (here.id, [here, *found]) if here else ("", found)


def _said(body: Body) -> str:
    """A message's words, as they were written."""
    return str(body.get("message", {}).get("text", ""))[:_WORDS_KEPT]


def _place(body: Body) -> str:
    """The message's own address in Slack."""
    team, channel = body.get("team") or {}, body.get("channel") or {}
    ts = str((body.get("message") or {}).get("ts", "")).replace(".", "")
    return f"https://{team.get('domain', '')}.slack.com/archives/{channel.get('id', '')}/p{ts}" if ts else ""
