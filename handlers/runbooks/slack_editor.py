"""The runbook editor's doors: a runbook is read, written, switched off and looked back at in modals.

The modal at the bottom is the runbook; a step's form lies on top of it and comes back to it.
"""

from __future__ import annotations

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import evidence as evidence_looks
from blocks import runbook_editor as looks
from blocks import runbook_history
from blocks.kit import Block
from blocks.menus import options
from blocks.runbook_history import Revision
from blocks.words import words as language
from domain.directory import Directory
from domain.errors import Outdated, VigieError
from handlers import fields, forms
from handlers.modals import open_view, submit
from handlers.runbooks import forms as filled
from handlers.runbooks import slack_steps, slack_transfer
from handlers.runbooks.editor import RunbookEditor
from handlers.runbooks.evidence import EvidenceService
from handlers.runbooks.slack_views import editor, fill, saved
from handlers.runbooks.transfer import RunbookTransfer
from handlers.slack import Body, People

_PAGES = re.compile(r"runbook\.page\.v1\.(previous|next)")


def register(
    app: AsyncApp, runbooks: RunbookEditor, transfer: RunbookTransfer, known: EvidenceService, people: People
) -> None:
    """Put the doors of the editor in `app`."""
    _register_reading(app, runbooks, people)
    _register_openings(app, runbooks, people)
    _register_saving(app, runbooks, people)
    _register_history(app, runbooks, people)
    _register_evidence(app, runbooks, known, people)
    slack_steps.register(app, runbooks, people)
    slack_transfer.register(app, runbooks, transfer, people)


def _register_reading(app: AsyncApp, runbooks: RunbookEditor, people: People) -> None:
    @app.action("runbook.show.v1")
    async def show(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.title(people.default), people.default)
        await _read(client, view, body, runbooks, people, forms.value(body), 1)

    @app.action(_PAGES)
    async def turn(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        runbook, page = fields.keyed(forms.value(body))
        await _read(client, forms.view_id(body), body, runbooks, people, runbook, page)

    @app.options(looks.SERVICE)
    async def suggest(ack: AsyncAck, body: Body) -> None:
        locale, directory = await people.locale(body), await people.directory() or Directory()
        await ack(options=options(looks.services(directory, language(locale), str(body.get("value") or "").strip())))


async def _read(
    client: AsyncWebClient, view: str, body: Body, runbooks: RunbookEditor, people: People, runbook: str, page: int
) -> None:
    locale, actor = await people.locale(body), await people.actor(body)
    work = runbooks.show(runbook)
    await fill(client, view, work, lambda found: looks.shown(found[0], found[1], actor, locale, page), locale)


def _register_openings(app: AsyncApp, runbooks: RunbookEditor, people: People) -> None:
    @app.action("runbook.new.v1")
    async def new(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.title(people.default), people.default)
        locale, actor = await people.locale(body), await people.actor(body)
        await fill(client, view, runbooks.begin("", actor), lambda editing: editor(editing, locale), locale)

    @app.action("runbook.edit.v1")
    async def edit(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _begin(client, body, runbooks, people)

    @app.action("runbook.restart.v1")
    async def restart(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _begin(client, body, runbooks, people, afresh=True)

    @app.action("runbook.mine.v1")
    async def mine(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _begin(client, body, runbooks, people, mine=True)


async def _begin(
    client: AsyncWebClient,
    body: Body,
    runbooks: RunbookEditor,
    people: People,
    *,
    afresh: bool = False,
    mine: bool = False,
) -> None:
    locale, actor = await people.locale(body), await people.actor(body)
    key = forms.value(body)
    work = runbooks.begin("" if key == "new" else key, actor, afresh=afresh, mine=mine)
    await fill(client, forms.view_id(body), work, lambda editing: editor(editing, locale), locale)


def _register_saving(app: AsyncApp, runbooks: RunbookEditor, people: People) -> None:
    @app.view("runbook.edit.v1")
    async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        key, edition = fields.keyed(forms.metadata(body))

        def refused(error: VigieError) -> Block | None:
            return looks.outdated(words.sentence(error, locale), key, locale) if isinstance(error, Outdated) else None

        await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: runbooks.save(key, actor, filled.header(body))),
            fields=looks.header_fields(edition),
            title=looks.title(locale),
            locale=locale,
            shown=lambda outcome: saved(outcome, locale),
            refused=refused,
        )

    @app.action("runbook.switch.v1")
    async def switch(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        runbook, _, way = forms.value(body).rpartition("|")
        work = runbooks.switch(runbook, actor, is_active=way == "on")
        await fill(client, forms.view_id(body), work, lambda outcome: saved(outcome, locale), locale)


def _register_history(app: AsyncApp, runbooks: RunbookEditor, people: People) -> None:
    @app.action("runbook.history.v1")
    async def history(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        await fill(
            client,
            forms.view_id(body),
            runbooks.history(forms.value(body)),
            lambda found: runbook_history.history(
                [Revision(one.said, one.by, one.at) for one in found[0]], found[1], actor, locale
            ),
            locale,
        )

    @app.action("runbook.restore.v1")
    async def restore(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        runbook, number = fields.keyed(forms.value(body))
        work = runbooks.restore(runbook, number, actor)
        await fill(client, forms.view_id(body), work, lambda outcome: saved(outcome, locale), locale)


def _register_evidence(app: AsyncApp, runbooks: RunbookEditor, known: EvidenceService, people: People) -> None:
    @app.action("runbook.evidence.v1")
    async def evidence(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale = await people.locale(body)
        work = known.of(forms.value(body))
        await fill(
            client,
            forms.view_id(body),
            work,
            lambda seen: evidence_looks.shown(seen.runbook, seen.evidence, locale),
            locale,
        )

    @app.action("runbook.back.v1")
    async def back(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _read(client, forms.view_id(body), body, runbooks, people, forms.value(body), 1)
