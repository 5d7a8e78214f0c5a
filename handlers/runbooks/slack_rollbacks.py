"""Giving a run up, and the rollbacks that it then asks for, one at a time."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import modals
from blocks import rollbacks as looks
from domain import rollbacks as rules
from domain.errors import Conflict, VigieError
from handlers import forms
from handlers.modals import fill_view, open_view, submit
from handlers.runbooks.service import RunbookService
from handlers.slack import Body, People, answer


def register(app: AsyncApp, runbooks: RunbookService, people: People) -> None:
    """Put the doors in `app`."""
    _register_abort(app, runbooks, people)
    _register_rollback(app, runbooks, people)


def _register_abort(app: AsyncApp, runbooks: RunbookService, people: People) -> None:
    @app.action("run.abort.v1")
    async def ask(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.abort_title(people.default), people.default)
        locale = await people.locale(body)
        try:
            run, _ = await runbooks.show(forms.value(body), 0)
            rules.require_abortable(run)
            shown = looks.abort_form(run, locale)
        except VigieError as error:
            shown = modals.notice(looks.abort_title(locale), words.sentence(error, locale), locale)
        await fill_view(client, view, shown)

    @app.view("run.abort.v1")
    async def abort(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale, run = await people.locale(body), forms.metadata(body)
        work = people.acting(body, lambda actor: runbooks.abort(run, actor))
        await submit(ack, client, body, work, fields={}, title=looks.abort_title(locale), locale=locale)


def _register_rollback(app: AsyncApp, runbooks: RunbookService, people: People) -> None:
    @app.action("rollback.done.v1")
    async def done(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        run, order = forms.step_of(forms.value(body))
        try:
            await runbooks.rollback_done(run, order, await people.actor(body))
        except VigieError as error:
            await answer(respond, error, await people.locale(body))

    @app.action("rollback.skip.v1")
    async def ask_why(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.skip_title(people.default), people.default)
        locale = await people.locale(body)
        name, order = forms.step_of(forms.value(body))
        try:
            run, _ = await runbooks.show(name, order)
            if rules.turn(run) != order:
                raise Conflict(f"step {order} is not to be rolled back")
            shown = looks.skip_form(run, order, locale)
        except VigieError as error:
            shown = modals.notice(looks.skip_title(locale), words.sentence(error, locale), locale)
        await fill_view(client, view, shown)

    @app.view("rollback.skip.v1")
    async def skip(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        run, order = forms.step_of(forms.metadata(body))
        work = people.acting(body, lambda actor: runbooks.keep(run, order, actor, forms.typed(body, "reason")))
        title = looks.skip_title(locale)
        await submit(ack, client, body, work, fields={"reason": "reason"}, title=title, locale=locale)
