"""`/incident timeline`: what happened, a page at a time, or all of it as a file."""

from __future__ import annotations

import json
import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from blocks import errors as words
from blocks import incident_lists as looks
from blocks import timeline_document as documents
from blocks.incident_lists import A_PAGE, Page
from blocks.kit import Message
from domain.errors import VigieError
from handlers import forms
from handlers.commands import Command, Shortcut, Subcommand, Typed
from handlers.files import send_file
from handlers.incidents.http import timeline_fields
from handlers.incidents.service import Detail, IncidentService
from handlers.incidents.slack_meant import Meant
from handlers.slack import Body, People
from handlers.switchboard import Asked, Switchboard, show

COMMANDS = (Command("/incident", "", (Subcommand("timeline", "[INC-…] [markdown|json]"),)),)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()
_PAGES = re.compile(r"incident\.timeline\.(previous|next)\.v1")
_FORMATS = {"markdown": "md", "md": "md", "json": "json"}


def register(app: AsyncApp, incidents: IncidentService, people: People, board: Switchboard) -> None:
    """Put the answer on `board`, and the buttons under it in `app`."""
    meant = Meant(incidents)

    async def timeline(asked: Asked) -> None:
        wanted = next((_FORMATS[one.casefold()] for one in asked.said.arguments if one.casefold() in _FORMATS), "")
        name = await meant.named(_without_format(asked))
        if name and wanted:
            await _send(asked, await incidents.show(name), wanted)
        elif name:
            await asked.say(await _history(incidents, name, 0, await asked.locale()))

    board.answer(COMMANDS, {("/incident", "timeline"): timeline})

    @app.action(_PAGES)
    async def turn(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        offset, name = forms.turned(forms.value(body))
        locale = await people.locale(body)
        try:
            await show(respond, await _history(incidents, name, offset, locale), replace=True)
        except VigieError as error:
            await show(respond, Message(words.sentence(error, locale)))


def _without_format(asked: Asked) -> Asked:
    """The same question without the word that says what kind of file is wanted."""
    left = tuple(one for one in asked.said.arguments if one.casefold() not in _FORMATS)
    said = Typed(asked.said.subcommand, asked.said.first, left, " ".join(left), asked.said.suggestion)
    return Asked(asked.body, asked.client, asked.respond, asked.people, said)


async def _history(incidents: IncidentService, name: str, offset: int, locale: str) -> Message:
    """A page of what happened, the latest first."""
    detail = await incidents.show(name)
    latest = detail.timeline[::-1]
    page = Page(offset=offset, count=len(latest), asked=detail.incident.id)
    return looks.history(detail.incident, latest[offset : offset + A_PAGE], page, locale)


async def _send(asked: Asked, detail: Detail, wanted: str) -> None:
    """The file, in the asker's direct messages."""
    locale, incident = await asked.locale(), detail.incident
    if wanted == "json":
        text = json.dumps(timeline_fields(detail.timeline), ensure_ascii=False, indent=2)
    else:
        text = documents.timeline(incident, detail.timeline, detail.zone, locale)
    name, above = f"timeline-{incident.short_id}.{wanted}", documents.sent_words(incident, locale)
    is_sent = await send_file(asked.client, forms.user_id(asked.body), name, text, above)
    await asked.say(looks.said(documents.answered(incident, locale, is_sent=is_sent)))
