"""The answers to "Still on this step?": Still on it, and I need help."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from blocks import overdue as looks
from domain.errors import VigieError
from handlers import forms
from handlers.modals import fill_with, open_view, submit
from handlers.runbooks.overdue import Offer, OverdueService
from handlers.slack import Body, People, answer


def register(app: AsyncApp, overdue: OverdueService, people: People) -> None:
    """Put the doors in `app`."""

    @app.action("overdue.still.v1")
    async def still(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        run, order = forms.step_of(forms.value(body))
        try:
            await overdue.still(run, order, await people.actor(body))
        except VigieError as error:
            await answer(respond, error, await people.locale(body))

    @app.action("overdue.help.v1")
    async def ask_whom(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.help_title(people.default), people.default)
        locale = await people.locale(body)
        run, order = forms.step_of(forms.value(body))

        def shown(offer: Offer) -> dict[str, object]:
            may = [looks.LEAD, looks.ESCALATE] if offer.lead else [looks.ESCALATE]
            return looks.help_form(offer.run, order, offer.lead, may, locale)

        work = people.acting(body, lambda actor: overdue.offer(run, order, actor))
        await fill_with(client, view, work, shown, title=looks.help_title(locale), locale=locale)

    @app.view("overdue.help.v1")
    async def call(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        run, order = forms.step_of(forms.metadata(body))
        change = overdue.escalate if forms.chosen(body, "help") == looks.ESCALATE else overdue.tell_lead
        work = people.acting(body, lambda actor: change(run, order, actor))
        await submit(ack, client, body, work, fields={}, title=looks.help_title(locale), locale=locale)
