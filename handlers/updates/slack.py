"""Status updates in Slack: `/incident update`, the form, and the reminder's buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks import update_forms as looks
from domain.errors import Conflict
from domain.incidents import Incident, already
from domain.people import Actor, Permission
from handlers import forms
from handlers.commands import Command, Shortcut, Subcommand, named
from handlers.incidents.service import Detail, IncidentService, permit
from handlers.incidents.slack_lifecycle import changed
from handlers.incidents.slack_meant import Meant, name_in
from handlers.modals import fill_with, open_view, submit
from handlers.openings import Opening
from handlers.slack import Body, People, View
from handlers.switchboard import Asked, Switchboard
from handlers.updates.service import UpdateService

COMMANDS = (Command("/incident", "", (Subcommand("update", "[INC-…] text", Permission.NOTE, ("status",)),)),)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()
FIELDS = {"text": "text", "impact": "impact", "doing": "doing", "next_update": "next"}


def register(
    app: AsyncApp, updates: UpdateService, incidents: IncidentService, people: People, board: Switchboard
) -> None:
    """Put the doors in `app`, and the answer on `board`."""
    _register_buttons(app, updates, incidents, people)
    _register_form(app, updates, people)
    meant = Meant(incidents)

    async def update(asked: Asked) -> None:
        """With a text it is told at once; without one there is a form."""
        if not named(forms.storable(asked.said.rest)).rest.strip():
            await _ask(asked, meant, incidents)
            return
        name, text = await meant.split(asked)
        if name:
            told = await updates.post(name, await asked.actor(), text)
            await asked.say(looks.posted(told, await asked.locale()))

    board.answer(COMMANDS, {("/incident", "update"): update})


async def _ask(asked: Asked, meant: Meant, incidents: IncidentService) -> None:
    opening = Opening(asked.client, asked.body, asked.people, looks.title(asked.people.default))
    name = name_in(asked.said.arguments) or await opening.found(meant.named(asked))
    if name:
        await fill_update(asked.client, await opening.view(), asked.body, name, incidents, asked.people)
    else:
        await opening.whispered()


async def ask_for_update(
    client: AsyncWebClient, body: Body, name: str, incidents: IncidentService, people: People
) -> None:
    """Open the form; or why there is none."""
    view = await open_view(client, body, looks.title(people.default), people.default)
    await fill_update(client, view, body, name, incidents, people)


async def fill_update(
    client: AsyncWebClient, view: str, body: Body, name: str, incidents: IncidentService, people: People
) -> None:
    """The same in a modal that is open."""
    locale = await people.locale(body)

    async def found() -> Detail:
        permit(await people.actor(body), Permission.NOTE)
        detail = await incidents.show(name)
        if not detail.incident.is_open:
            raise Conflict(already(detail.incident))
        return detail

    def shown(detail: Detail) -> View:
        team = detail.directory.teams.get(detail.incident.team)
        usual = team.response.between_updates(detail.incident.severity) if team else None
        return looks.form(detail.incident, int(usual.total_seconds() // 60) if usual else 0, locale)

    await fill_with(client, view, found(), shown, title=looks.title(locale), locale=locale)


def _register_buttons(app: AsyncApp, updates: UpdateService, incidents: IncidentService, people: People) -> None:
    @app.action("update.open.v1")
    async def write(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await ask_for_update(client, body, forms.value(body), incidents, people)

    answers: dict[str, Callable[[str, Actor], Awaitable[Incident]]] = {
        "update.snooze.v1": updates.snooze,
        "update.dismiss.v1": updates.dismiss,
    }
    for action, change in answers.items():
        _register_answer(app, action, change, people)


def _register_answer(
    app: AsyncApp, action: str, change: Callable[[str, Actor], Awaitable[Incident]], people: People
) -> None:
    @app.action(action)
    async def clicked(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        await changed(body, respond, people, change, forms.value(body))


def _register_form(app: AsyncApp, updates: UpdateService, people: People) -> None:
    @app.view("update.post.v1")
    async def post(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        text, impact, doing = (forms.typed(body, block) for block in ("text", "impact", "doing"))
        name, following = forms.metadata(body), forms.chosen(body, "next")
        work = people.acting(body, lambda actor: updates.post(name, actor, text, impact, doing, following))
        await submit(ack, client, body, work, fields=FIELDS, title=looks.title(locale), locale=locale)
