"""An incident's buttons in Slack: Acknowledge, Resolve with its modal, Escalate now."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import modals, resolving
from domain.errors import VigieError
from domain.incidents import already
from domain.people import Permission
from handlers import forms
from handlers.incidents.service import IncidentService, permit
from handlers.modals import fill_view, open_view, submit
from handlers.slack import Body, People, answer, once_kept

_RESOLVE_FIELDS = {"note": "note", "root_cause": "root_cause"}


def register(app: AsyncApp, incidents: IncidentService, people: People) -> None:
    """Put the doors of incidents in `app`."""
    _register_buttons(app, incidents, people)
    _register_resolve(app, incidents, people)


def _register_buttons(app: AsyncApp, incidents: IncidentService, people: People) -> None:
    @app.action("incident.acknowledge.v1")
    async def acknowledge(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        name, place = forms.value(body), forms.message_place(body)
        work = people.acting(body, lambda actor: incidents.acknowledge(name, actor, place))
        try:
            await once_kept(ack, work)
        except VigieError as error:
            await answer(respond, error, await people.locale(body))

    @app.action("incident.escalate.v1")
    async def escalate(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        name = forms.value(body)
        try:
            await once_kept(ack, people.acting(body, lambda actor: incidents.escalate(name, actor)))
        except VigieError as error:
            await answer(respond, error, await people.locale(body))


def _register_resolve(app: AsyncApp, incidents: IncidentService, people: People) -> None:
    @app.action("incident.resolve.v1")
    async def ask(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, resolving.resolve_title(people.default), people.default)
        await ask_to_resolve(client, view, body, forms.value(body), incidents, people)

    @app.view("incident.resolve.v1")
    async def resolve(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        note, cause = forms.typed(body, "note"), forms.typed(body, "root_cause")
        work = people.acting(body, lambda actor: incidents.resolve(forms.metadata(body), actor, note, cause))
        title = resolving.resolve_title(locale)
        await submit(ack, client, body, work, fields=_RESOLVE_FIELDS, title=title, locale=locale)


async def ask_to_resolve(
    client: AsyncWebClient, view: str, body: Body, name: str, incidents: IncidentService, people: People
) -> None:
    """Put the form in a modal that is open; or why there is none, before anybody types a note for nothing."""
    locale = await people.locale(body)
    title = resolving.resolve_title(locale)
    try:
        permit(await people.actor(body), Permission.RESOLVE)
        incident = (await incidents.show(name)).incident
    except VigieError as error:
        await fill_view(client, view, modals.notice(title, words.sentence(error, locale), locale))
        return
    closed = modals.notice(title, words.conflict(already(incident), locale), locale)
    await fill_view(client, view, resolving.resolve_form(incident, locale) if incident.is_open else closed)
