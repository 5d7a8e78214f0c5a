"""The buttons of a message for many: acknowledge all, and the list a page at a time."""

from __future__ import annotations

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from blocks import incident_lists as lists
from blocks import storms as looks
from blocks.incident_lists import A_PAGE, Page
from blocks.kit import Message
from domain.errors import VigieError
from domain.people import Permission, may
from handlers import forms
from handlers.slack import Body, People, answer
from handlers.storms.service import StormService
from handlers.switchboard import show

_TURNS = re.compile(rf"{re.escape(looks.LISTED)}\.(next|previous)\.v1")


def register(app: AsyncApp, storms: StormService, people: People) -> None:
    """Put the doors of storms in `app`."""

    @app.action(looks.ACKNOWLEDGE)
    async def acknowledge(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        locale = await people.locale(body)
        try:
            bundle, shown_at = looks.pressed(forms.value(body))
            count = await storms.acknowledge_all(bundle, await people.actor(body), shown_at)
        except VigieError as error:
            await answer(respond, error, locale)
            return
        await show(respond, looks.taken(count, locale))

    @app.action(looks.LIST)
    async def listed(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        await _show(body, respond, forms.value(body), 0, replace=False)

    @app.action(_TURNS)
    async def turned(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        offset, _, bundle = forms.value(body).partition(":")
        await _show(body, respond, bundle, int(offset) if offset.isdecimal() else 0, replace=True)

    async def _show(body: Body, respond: AsyncRespond, bundle: str, offset: int, *, replace: bool) -> None:
        locale = await people.locale(body)
        try:
            await show(respond, await _list(body, bundle, offset, locale), replace=replace)
        except VigieError as error:
            await answer(respond, error, locale)

    async def _list(body: Body, bundle: str, offset: int, locale: str) -> Message:
        actor = await people.actor(body)
        seen = await storms.look(bundle, offset // A_PAGE + 1)
        found = [(one, seen.tally.services.get(one.service, "")) for one in seen.tally.shown]
        page = Page(offset=(seen.page - 1) * A_PAGE, count=seen.tally.total, asked=bundle)
        may_take = may(actor.role, Permission.ACKNOWLEDGE)
        return lists.list_page(found, page, storms.now, locale, may_acknowledge=may_take, turns=looks.LISTED)
