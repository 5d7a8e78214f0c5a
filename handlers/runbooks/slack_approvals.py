"""The buttons of a request for a second person: Approve, Refuse, Break the glass."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks import approvals as looks
from blocks import errors as words
from blocks import modals
from blocks.kit import Block
from domain import approvals as rules
from domain.approvals import Request
from domain.errors import VigieError
from domain.runbooks import Run
from handlers import forms
from handlers.modals import fill_view, open_view, submit
from handlers.runbooks.approvals import ApprovalService
from handlers.slack import Body, People, answer

Form = Callable[[Request, Run, str], Block]


def register(app: AsyncApp, approvals: ApprovalService, people: People) -> None:
    """Put the doors in `app`."""

    @app.action("approval.approve.v1")
    async def approve(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        try:
            await approvals.approve(forms.value(body), await people.actor(body))
        except VigieError as error:
            await answer(respond, error, await people.locale(body))

    _register_form(app, "approval.refuse.v1", looks.refuse_title, looks.refuse_form, approvals, people)
    _register_form(app, "approval.glass.v1", looks.glass_title, looks.glass_form, approvals, people)

    @app.view("approval.refuse.v1")
    async def refuse(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale, request, reason = await people.locale(body), forms.metadata(body), forms.typed(body, "reason")
        work = people.acting(body, lambda actor: approvals.refuse(request, actor, reason))
        title = looks.refuse_title(locale)
        await submit(ack, client, body, work, fields={"reason": "reason"}, title=title, locale=locale)

    @app.view("approval.glass.v1")
    async def break_glass(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale, request, reason = await people.locale(body), forms.metadata(body), forms.typed(body, "reason")
        work = people.acting(body, lambda actor: approvals.break_glass(request, actor, reason))
        title = looks.glass_title(locale)
        await submit(ack, client, body, work, fields={"reason": "reason"}, title=title, locale=locale)


def _register_form(
    app: AsyncApp, action: str, title: Callable[[str], str], form: Form, approvals: ApprovalService, people: People
) -> None:
    @app.action(action)
    async def ask(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, title(people.default), people.default)
        locale = await people.locale(body)
        try:
            request, run = await approvals.show(forms.value(body))
            rules.require_waiting(request, approvals.now())
            shown = form(request, run, locale)
        except VigieError as error:
            shown = modals.notice(title(locale), words.sentence(error, locale), locale)
        await fill_view(client, view, shown)
