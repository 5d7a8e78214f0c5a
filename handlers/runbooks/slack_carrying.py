"""The way over to a newer version of a runbook that is under way."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import carry_forms as looks
from handlers import forms
from handlers.modals import fill_with, open_view, submit
from handlers.runbooks.carrying import CarryingService
from handlers.slack import Body, People


def register(app: AsyncApp, carrying: CarryingService, people: People) -> None:
    """Put the doors in `app`."""

    @app.action("run.carry.v1")
    async def ask(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.carry_title(people.default), people.default)
        locale = await people.locale(body)
        run, _, seen = forms.value(body).partition("|")
        await fill_with(
            client,
            view,
            carrying.look(run, seen),
            lambda look: looks.carry_form(look.run, look.carried, look.directory, locale),
            title=looks.carry_title(locale),
            locale=locale,
        )

    @app.view("run.carry.v1")
    async def carry(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        run, _, seen = forms.metadata(body).partition("|")
        work = people.acting(body, lambda actor: carrying.carry_over(run, seen, actor))
        await submit(ack, client, body, work, fields={}, title=looks.carry_title(locale), locale=locale)
