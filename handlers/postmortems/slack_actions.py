"""The doors of a post-mortem's actions: put down and changed in a form, ticked where they are shown."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import postmortem_actions as looks
from blocks import postmortems
from blocks.kit import Block
from domain.people import Actor
from domain.postmortems import Record
from handlers import forms
from handlers.modals import fill_with, push_view, submit
from handlers.openings import tried
from handlers.postmortems import forms as filled
from handlers.postmortems.actions import ActionService
from handlers.postmortems.service import PostmortemService
from handlers.slack import Body, People

Work = Callable[[Actor], Awaitable[Record]]
_TICKS = re.compile(r"postmortem\.tick\.v1(\..+)?")


def register(app: AsyncApp, actions: ActionService, written: PostmortemService, people: People) -> None:
    """Put the doors of actions in `app`."""
    _register_form(app, actions, written, people)
    _register_menu(app, actions, people)

    @app.action(_TICKS)
    async def tick(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await tried(client, body, people, people.acting(body, lambda actor: actions.tick(forms.value(body), actor)))


async def redraw(client: AsyncWebClient, body: Body, written: PostmortemService, people: People, incident: str) -> None:
    """The post-mortem below, as it is now."""
    root = str(body["view"].get("root_view_id", ""))
    await show(client, body, root, people, lambda _: written.show(incident))


async def show(client: AsyncWebClient, body: Body, view: str, people: People, work: Work) -> None:
    """Put a post-mortem in an open modal, or why not."""
    locale = await people.locale(body)

    async def found() -> tuple[Record, Actor]:
        actor = await people.actor(body)
        return await work(actor), actor

    title = postmortems.title(locale)
    await fill_with(client, view, found(), lambda seen: postmortems.shown(*seen, locale), title=title, locale=locale)


def _register_form(app: AsyncApp, actions: ActionService, written: PostmortemService, people: People) -> None:
    @app.action("postmortem.action.new.v1")
    async def new(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await push_view(client, body, looks.title(people.default), people.default)
        locale, work = await people.locale(body), written.show(forms.value(body))
        title = looks.title(locale)
        await fill_with(client, view, work, lambda record: looks.form(record, None, locale), title=title, locale=locale)

    @app.view("postmortem.action.v1")
    async def keep(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        incident, one = forms.keyed(forms.metadata(body))
        identity, seen = forms.keyed(one)
        text, owner = forms.typed(body, "text"), forms.picked(body, "owner", "selected_user")
        due_on = filled.day(forms.picked(body, "due_on", "selected_date"))

        async def work(actor: Actor) -> Record:
            if identity:
                return await actions.change(identity, seen, actor, text, owner, due_on)
            return await actions.add(incident, actor, text, owner, due_on)

        is_kept = await submit(
            ack,
            client,
            body,
            people.acting(body, work),
            fields={name: name for name in looks.FIELDS},
            title=looks.title(locale),
            locale=locale,
        )
        if is_kept:
            await redraw(client, body, written, people, incident)


def _register_menu(app: AsyncApp, actions: ActionService, people: People) -> None:
    changes = {"tick": actions.tick, "reopen": actions.reopen, "remove": actions.remove}

    @app.action(looks.MENU)
    async def choose(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        verb, identity = filled.choice(forms.option_value(body))
        if verb in changes:
            await show(client, body, forms.view_id(body), people, lambda actor: changes[verb](identity, actor))
        elif verb == "edit":
            await _edit(client, body, actions, people, identity)


async def _edit(client: AsyncWebClient, body: Body, actions: ActionService, people: People, identity: str) -> None:
    view = await push_view(client, body, looks.title(people.default), people.default)
    locale = await people.locale(body)

    async def work() -> Block:
        one, record = await actions.show(identity)
        return looks.form(record, one, locale)

    await fill_with(client, view, work(), lambda form: form, title=looks.title(locale), locale=locale)
