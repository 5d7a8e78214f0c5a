"""A run's buttons in its thread: Done, Skip, Problem, Roll back, and the choice between runbooks that tie."""

from __future__ import annotations

import re
from collections.abc import Callable

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks import step_forms as asked
from domain.errors import Unfilled, VigieError
from domain.placeholders import Facts
from domain.runbooks import Run, waiting
from handlers import forms
from handlers.modals import fill_view, fill_with, open_view, submit
from handlers.openings import Opening
from handlers.runbooks.service import RunbookService
from handlers.slack import Body, People, View, answer

Form = Callable[[Run, int, str], View]
_STARTS = re.compile(r"runbook\.start\.v1\.\d+")


def register(app: AsyncApp, runbooks: RunbookService, people: People) -> None:
    """Put the doors of runbooks in `app`."""
    _register_steps(app, runbooks, people)
    _register_forms(app, runbooks, people)
    _register_submissions(app, runbooks, people)


def _register_steps(app: AsyncApp, runbooks: RunbookService, people: People) -> None:
    @app.action("step.done.v1")
    async def done(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        run, order = forms.step_seen(body)
        confirmed = forms.was_confirmed(body)
        work = people.acting(body, lambda actor: runbooks.done(run, order, actor, confirmed=confirmed))
        opening = Opening(client, body, people, asked.confirm_title(people.default))
        try:
            await (work if confirmed else opening.during(work))
            await opening.done()
        except VigieError as error:
            may_ask = not confirmed and not isinstance(error, Unfilled)
            if may_ask and await _ask_to_confirm(client, opening, body, runbooks, people):
                return
            if not await opening.told(error):
                await answer(respond, error, await people.locale(body))

    @app.action("step.roll_back.v1")
    async def roll_back(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        run, order = forms.step_seen(body)
        try:
            await runbooks.roll_back(run, order, await people.actor(body))
        except VigieError as error:
            await answer(respond, error, await people.locale(body))

    @app.action(_STARTS)
    async def start(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        incident, _, version = forms.value(body).partition(":")
        try:
            await runbooks.start(incident, version, await people.actor(body))
        except VigieError as error:
            await answer(respond, error, await people.locale(body))


async def _ask_to_confirm(
    client: AsyncWebClient, opening: Opening, body: Body, runbooks: RunbookService, people: People
) -> bool:
    """Ask in a modal, when the step waits, must be confirmed, and no dialog was shown: whether it was asked."""
    name, order = forms.step_seen(body)
    locale = await people.locale(body)
    try:
        run, known = await opening.during(runbooks.show(name, order))
        written, _ = run.step(order)
    except VigieError:
        return False
    if not written.must_be_confirmed or run.current != order:
        return False
    return await fill_view(client, await opening.view(), asked.confirm_form(run, order, locale, known))


def _register_forms(app: AsyncApp, runbooks: RunbookService, people: People) -> None:
    @app.action("step.skip.v1")
    async def ask_why(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _ask(client, body, runbooks, people, asked.skip_title, asked.skip_form)

    @app.action("step.problem.v1")
    async def ask_what(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _ask(client, body, runbooks, people, asked.problem_title, asked.problem_form)


async def _ask(
    client: AsyncWebClient,
    body: Body,
    runbooks: RunbookService,
    people: People,
    title: Callable[[str], str],
    form: Form,
) -> None:
    """The form about the step that waits; or why there is none, before anybody types."""
    view = await open_view(client, body, title(people.default), people.default)
    locale = await people.locale(body)
    name, order = forms.step_seen(body)

    def shown(found: tuple[Run, Facts]) -> View:
        run, _ = found
        waiting(run, order)
        return form(run, order, locale)

    await fill_with(client, view, runbooks.show(name, order), shown, title=title(locale), locale=locale)


def _register_submissions(app: AsyncApp, runbooks: RunbookService, people: People) -> None:
    @app.view("step.skip.v1")
    async def skip(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        run, order = forms.step_of(forms.metadata(body))
        work = people.acting(body, lambda actor: runbooks.skip(run, order, actor, forms.typed(body, "reason")))
        title = asked.skip_title(locale)
        await submit(ack, client, body, work, fields={"reason": "reason"}, title=title, locale=locale)

    @app.view("step.problem.v1")
    async def problem(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        run, order = forms.step_of(forms.metadata(body))
        work = people.acting(body, lambda actor: runbooks.problem(run, order, actor, forms.typed(body, "words")))
        title = asked.problem_title(locale)
        await submit(ack, client, body, work, fields={"words": "words"}, title=title, locale=locale)

    @app.view("step.confirm.v1")
    async def confirm(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        run, order = forms.step_of(forms.metadata(body))
        work = people.acting(body, lambda actor: runbooks.done(run, order, actor, confirmed=True))
        await submit(ack, client, body, work, fields={}, title=asked.confirm_title(locale), locale=locale)
