"""The doors of a runbook's steps: added, changed, moved and taken away, each kept with what is typed above them."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import runbook_steps as looks
from blocks.kit import Block
from domain import sequences
from domain.runbooks import Runbook
from handlers import fields, forms
from handlers.editing.slack import Doors
from handlers.modals import push_view, submit
from handlers.runbooks import forms as filled
from handlers.runbooks.editor import Editing, RunbookEditor
from handlers.slack import Body, People

_FIELDS = {name: name for name in looks.FIELDS}


def register(app: AsyncApp, runbooks: RunbookEditor, doors: Doors[Runbook, Editing], people: People) -> None:
    """Put the doors of steps in `app`."""

    async def opens(client: AsyncWebClient, body: Body, position: int) -> None:
        await _open(client, body, runbooks, doors, people, position)

    doors.register_steps(app, opens)
    _register_form(app, runbooks, doors, people)


async def _open(
    client: AsyncWebClient,
    body: Body,
    runbooks: RunbookEditor,
    doors: Doors[Runbook, Editing],
    people: People,
    position: int,
) -> None:
    """The form of a step on top of the runbook's, whose typed fields are kept with the draft."""
    view = await push_view(client, body, looks.form_title(people.default), people.default)
    locale, actor = await people.locale(body), await people.actor(body)
    key, _ = fields.keyed(forms.metadata(body))

    def form(editing: Editing) -> Block:
        step = sequences.at(editing.draft.document.steps, position) if position else None
        return looks.form(step, locale, metadata=f"{key}|{position}")

    await doors.fill(client, view, runbooks.keep(key, actor, filled.header(body)), form, locale)


def _register_form(app: AsyncApp, runbooks: RunbookEditor, doors: Doors[Runbook, Editing], people: People) -> None:
    @app.view("runbook.step.v1")
    async def keep(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        key, position = fields.keyed(forms.metadata(body))
        is_kept = await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: runbooks.put_step(key, actor, position, filled.step(body))),
            fields=_FIELDS,
            title=looks.form_title(locale),
            locale=locale,
        )
        if is_kept:
            # The runbook's form below, with the step in it.
            root = str(body["view"].get("root_view_id", ""))
            work = people.acting(body, lambda actor: runbooks.draft(key, actor))
            await doors.redraw(client, root, work, locale)
