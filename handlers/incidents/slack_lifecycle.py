"""The buttons and menus of an incident's further life in Slack: can't take it, give it back, snooze, mitigated,
reassign, still on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import lifecycle as looks
from blocks import modals
from domain.errors import VigieError
from domain.incidents import Incident, already
from domain.people import Actor, Permission
from domain.wall_clock import is_zone
from handlers import forms
from handlers.incidents.lifecycle import LifecycleService
from handlers.incidents.service import IncidentService, permit
from handlers.modals import fill_view, open_view, submit
from handlers.slack import Body, People, answer, once_kept

Change = Callable[[str, Actor], Awaitable[Incident]]


def register(app: AsyncApp, incidents: IncidentService, lifecycle: LifecycleService, people: People) -> None:
    """Put the doors in `app`. What opens a form behind the three dots is `slack_roles`'."""
    changes: dict[str, Change] = {
        "incident.decline.v1": lifecycle.decline,
        "incident.give_back.v1": lifecycle.give_back,
        "incident.end_snooze.v1": lifecycle.end_snooze,
        "incident.mitigate.v1": lifecycle.mitigate,
        "incident.still.v1": lifecycle.still_on_it,
    }
    for action, change in changes.items():
        _register_button(app, action, change, people)
    _register_snooze(app, lifecycle, people)
    _register_reassign(app, incidents, lifecycle, people)


def _register_button(app: AsyncApp, action: str, change: Change, people: People) -> None:
    @app.action(action)
    async def clicked(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        name = forms.value(body)
        try:
            await once_kept(ack, people.acting(body, lambda actor: change(name, actor)))
        except VigieError as error:
            await answer(respond, error, await people.locale(body))


async def changed(body: Body, respond: AsyncRespond, people: People, change: Change, name: str) -> None:
    """Do it, or tell the one who asked why not."""
    try:
        await change(name, await people.actor(body))
    except VigieError as error:
        await answer(respond, error, await people.locale(body))


def _register_snooze(app: AsyncApp, lifecycle: LifecycleService, people: People) -> None:
    @app.action("incident.snooze.v1")
    async def snooze(ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond) -> None:
        await ack()
        length, _, name = forms.option_value(body).partition("|")
        zone = await zone_of(client, forms.user_id(body)) if ":" in length else ""

        async def change(name: str, actor: Actor) -> Incident:
            return await lifecycle.snooze(name, actor, length, zone)

        await changed(body, respond, people, change, name)


async def zone_of(client: AsyncWebClient, user: str) -> str:
    """The zone that somebody has set in Slack; "" when Slack does not say, or none is known by that name here."""
    with suppress(SlackApiError, OSError, TimeoutError, KeyError):
        found = (await client.users_info(user=user))["user"].get("tz")
        return found if isinstance(found, str) and is_zone(found) else ""
    return ""


def _register_reassign(app: AsyncApp, incidents: IncidentService, lifecycle: LifecycleService, people: People) -> None:
    @app.view("incident.reassign.v1")
    async def reassign(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        to = forms.picked(body, "user", "selected_user") or forms.chosen(body, "team")
        work = people.acting(body, lambda actor: lifecycle.reassign(forms.metadata(body), actor, to))
        title = looks.reassign_title(locale)
        await submit(ack, client, body, work, fields={"to": "user"}, title=title, locale=locale)


async def open_reassign(
    client: AsyncWebClient, body: Body, name: str, incidents: IncidentService, people: People
) -> None:
    """Open the form that asks to whom."""
    view = await open_view(client, body, looks.reassign_title(people.default), people.default)
    await ask_to_reassign(client, view, body, name, incidents, people)


async def ask_to_reassign(
    client: AsyncWebClient, view: str, body: Body, name: str, incidents: IncidentService, people: People
) -> None:
    """Put the form that asks to whom in a modal that is open; or why there is none."""
    locale = await people.locale(body)
    title = looks.reassign_title(locale)
    try:
        permit(await people.actor(body), Permission.REASSIGN)
        detail = await incidents.show(name)
    except VigieError as error:
        await fill_view(client, view, modals.notice(title, words.sentence(error, locale), locale))
        return
    incident = detail.incident
    teams = sorted(((team.id, team.name) for team in detail.directory.teams.values()), key=lambda one: one[1])
    closed = modals.notice(title, words.conflict(already(incident), locale), locale)
    shown = looks.reassign_form(incident, teams, locale) if incident.is_open else closed
    await fill_view(client, view, shown)
