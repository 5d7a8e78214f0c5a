"""The runbook editor's doors: a runbook is read, written, switched off and looked back at in modals.

The modal at the bottom is the runbook; a step's form lies on top of it and comes back to it.
"""

from __future__ import annotations

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import evidence as evidence_looks
from blocks import runbook_editor as looks
from blocks import runbook_history
from blocks.menus import options
from blocks.words import words as language
from domain.directory import Directory
from domain.runbooks import Runbook
from handlers import fields, forms
from handlers.editing.slack import Doors, Looks
from handlers.modals import open_view
from handlers.runbooks import forms as filled
from handlers.runbooks import slack_steps, slack_transfer
from handlers.runbooks.editor import Editing, RunbookEditor
from handlers.runbooks.evidence import EvidenceService
from handlers.runbooks.slack_views import editor, saved
from handlers.runbooks.transfer import RunbookTransfer
from handlers.slack import Body, People

_PAGES = re.compile(r"runbook\.page\.v1\.(previous|next)")
LOOKS = Looks(
    title=looks.title,
    header=filled.header,
    header_fields=looks.header_fields,
    editor=editor,
    saved=saved,
    outdated=looks.outdated,
    history=runbook_history.history,
)


def register(
    app: AsyncApp, runbooks: RunbookEditor, transfer: RunbookTransfer, known: EvidenceService, people: People
) -> None:
    """Put the doors of the editor in `app`."""
    doors = Doors(runbooks, LOOKS, people)
    doors.register(app)
    _register_reading(app, runbooks, doors, people)
    _register_evidence(app, runbooks, known, doors, people)
    slack_steps.register(app, runbooks, doors, people)
    slack_transfer.register(app, runbooks, transfer, people)


def _register_reading(app: AsyncApp, runbooks: RunbookEditor, doors: Doors[Runbook, Editing], people: People) -> None:
    @app.action("runbook.show.v1")
    async def show(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.title(people.default), people.default)
        await _read(client, view, body, runbooks, doors, people, forms.value(body), 1)

    @app.action(_PAGES)
    async def turn(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        runbook, page = fields.keyed(forms.value(body))
        await _read(client, forms.view_id(body), body, runbooks, doors, people, runbook, page)

    @app.options(looks.SERVICE)
    async def suggest(ack: AsyncAck, body: Body) -> None:
        locale, directory = await people.locale(body), await people.directory() or Directory()
        await ack(options=options(looks.services(directory, language(locale), str(body.get("value") or "").strip())))


async def _read(
    client: AsyncWebClient,
    view: str,
    body: Body,
    runbooks: RunbookEditor,
    doors: Doors[Runbook, Editing],
    people: People,
    runbook: str,
    page: int,
) -> None:
    locale, actor = await people.locale(body), await people.actor(body)
    work = runbooks.show(runbook)
    await doors.fill(client, view, work, lambda found: looks.shown(found[0], found[1], actor, locale, page), locale)


def _register_evidence(
    app: AsyncApp, runbooks: RunbookEditor, known: EvidenceService, doors: Doors[Runbook, Editing], people: People
) -> None:
    @app.action("runbook.evidence.v1")
    async def evidence(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale = await people.locale(body)
        work = known.of(forms.value(body))
        await doors.fill(
            client,
            forms.view_id(body),
            work,
            lambda seen: evidence_looks.shown(seen.runbook, seen.evidence, locale),
            locale,
        )

    @app.action("runbook.back.v1")
    async def back(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _read(client, forms.view_id(body), body, runbooks, doors, people, forms.value(body), 1)
