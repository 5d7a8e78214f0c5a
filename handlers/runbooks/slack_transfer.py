"""YAML in and out of Slack: pasted or as a file, looked at before it is saved; shown, or sent as a file."""

from __future__ import annotations

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import runbook_transfer as looks
from blocks.kit import Block
from blocks.runbook_transfer import Imported
from domain.errors import Invalid, Outdated, VigieError
from domain.people import Actor
from handlers import forms
from handlers.files import download, send_file
from handlers.modals import fill_view, fill_with, open_view, push_view, submit
from handlers.runbooks import forms as filled
from handlers.runbooks.editor import RunbookEditor
from handlers.runbooks.transfer import Look, RunbookTransfer
from handlers.slack import Body, People

_BETWEEN_WORDS = re.compile(r"[^\w]+")
LARGEST = 1024 * 1024
"""Bytes of a file: what the catalog reads."""


def register(app: AsyncApp, runbooks: RunbookEditor, transfer: RunbookTransfer, people: People) -> None:
    """Put the doors of import and export in `app`."""
    _register_import(app, transfer, people)
    _register_taking(app, transfer, people)
    _register_export(app, runbooks, people)


def _register_import(app: AsyncApp, transfer: RunbookTransfer, people: People) -> None:
    @app.action("runbook.import.v1")
    async def ask(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.import_title(people.default), people.default)
        locale, actor = await people.locale(body), await people.actor(body)
        await fill_with(
            client,
            view,
            transfer.begun(actor),
            lambda text: looks.import_form(text, locale),
            title=looks.import_title(locale),
            locale=locale,
        )

    @app.view("runbook.import.v1")
    async def look(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale, text = await people.locale(body), filled.pasted(body)

        def shown(found: Look | Invalid) -> Block:
            if isinstance(found, Invalid):
                return looks.import_form(text, locale, faults=found.faults)
            return looks.preview(_imported(found), found.directory, locale, seen=found.seen)

        def refused(error: VigieError) -> Block | None:
            return looks.import_form(text, locale, refusal=words.sentence(error, locale))

        await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: _look(client, body, transfer, actor, text)),
            fields={"text": "text", "file": "file"},
            title=looks.import_title(locale),
            locale=locale,
            shown=shown,
            refused=refused,
        )


def _register_taking(app: AsyncApp, transfer: RunbookTransfer, people: People) -> None:
    @app.view("runbook.preview.v1")
    async def take(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)

        async def work(actor: Actor) -> tuple[Look, str]:
            try:
                return await transfer.take(actor, forms.metadata(body)), ""
            except Outdated as error:
                return await transfer.look(actor), words.sentence(error, locale)

        def shown(outcome: tuple[Look, str]) -> Block:
            found, told = outcome
            if told:
                return looks.preview(_imported(found), found.directory, locale, seen=found.seen, told=told)
            return looks.taken(_imported(found), locale)

        await submit(
            ack,
            client,
            body,
            people.acting(body, work),
            fields={},
            title=looks.import_title(locale),
            locale=locale,
            shown=shown,
        )


async def _look(
    client: AsyncWebClient, body: Body, transfer: RunbookTransfer, actor: Actor, text: str
) -> Look | Invalid:
    """What the import would do, or all that is wrong with it; what was typed is kept in any case."""
    upload = filled.upload(body)
    try:
        if upload:
            if text.strip():
                await transfer.keep(actor, "", text)
            written = await download(client, upload.url, LARGEST)
            await transfer.keep(actor, upload.name, written)
        else:
            await transfer.keep(actor, "", text)
        return await transfer.look(actor)
    except Invalid as error:
        return error


def _imported(found: Look) -> list[Imported]:
    return [Imported(one.before, one.after, one.findings, one.kept, one.is_change) for one in found.changes]


def _register_export(app: AsyncApp, runbooks: RunbookEditor, people: People) -> None:
    @app.action("runbook.export.v1")
    async def export(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await push_view(client, body, looks.export_title(people.default), people.default)
        locale, user = await people.locale(body), forms.user_id(body)
        try:
            book, text = await runbooks.export(forms.value(body))
        except VigieError as error:
            await fill_view(client, view, looks.export_refused(words.sentence(error, locale), locale))
            return
        if looks.fits(text):
            await fill_view(client, view, looks.export(book, text, locale))
            return
        name = f"{_BETWEEN_WORDS.sub('-', book.title).strip('-').lower()[:80] or 'runbook'}.yaml"
        is_sent = await send_file(client, user, name, text, looks.sent_words(book, locale))
        await fill_view(client, view, looks.export_sent(book, name, locale, is_sent=is_sent))
