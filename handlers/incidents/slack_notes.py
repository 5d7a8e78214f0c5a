"""A message into an incident's timeline, by a shortcut: straight to the incident whose thread it is in."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import declare as looks
from blocks import errors as words
from blocks import incident_lists as answers
from blocks import modals
from domain.errors import VigieError
from domain.people import Permission
from handlers import forms
from handlers.commands import Command, Shortcut
from handlers.incidents.service import IncidentService, permit
from handlers.modals import fill_view, open_view, submit
from handlers.slack import Body, People

COMMANDS: tuple[Command, ...] = ()
SHORTCUTS = (Shortcut("Add to the timeline", "incident.note_message", "message", "Keep this message with an incident"),)
EVENTS: tuple[str, ...] = ()
_KEPT = 1800
"""Characters of a message that the form carries: Slack gives three thousand, and the link stands there too."""


def register(app: AsyncApp, incidents: IncidentService, people: People) -> None:
    """Put the shortcut and its form in `app`."""

    @app.shortcut("incident.note_message")
    async def add(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.note_title(people.default), people.default)
        locale = await people.locale(body)
        try:
            filled = await _noted_or_asked(body, incidents, people, locale)
        except VigieError as error:
            filled = modals.notice(looks.note_title(locale), words.sentence(error, locale), locale)
        await fill_view(client, view, filled)

    @app.view("incident.note.v1")
    async def note(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        await submit(
            ack,
            client,
            body,
            people.acting(
                body, lambda actor: incidents.note(forms.chosen(body, "incident"), actor, forms.metadata(body))
            ),
            fields={"text": "incident"},
            title=looks.note_title(locale),
            locale=locale,
        )


async def _noted_or_asked(body: Body, incidents: IncidentService, people: People, locale: str) -> dict[str, object]:
    """Keep the message with the incident of its thread, else ask which one."""
    actor, title = await people.actor(body), looks.note_title(locale)
    permit(actor, Permission.NOTE)
    text = looks.quoted(
        await _author(body, incidents), forms.message_text(body)[:_KEPT], forms.message_link(body), locale
    )
    channel = forms.channel_id(body)
    name = await incidents.of_thread(channel, forms.thread_of(body))
    if name:
        noted = await incidents.note(name, actor, text)
        return modals.notice(title, answers.noted(noted, locale).text, locale)
    here, every = await incidents.open_ones(channel)
    first = {detail.incident.id for detail in here}
    listed = sorted((detail.incident for detail in every), key=lambda incident: incident.id not in first)
    if not listed:
        return modals.notice(title, answers.nothing_open(locale, is_waiting=False).text, locale)
    return looks.note_form(text, listed, locale)


async def _author(body: Body, incidents: IncidentService) -> str:
    """Whoever wrote the message, by the name that they have here; "" for somebody nobody declared."""
    message = body.get("message") or {}
    person = (await incidents.directory()).person_by_slack(str(message.get("user", "")))
    return person.name if person else str(message.get("username", ""))
