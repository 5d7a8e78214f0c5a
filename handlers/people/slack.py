"""The doors of people: read in a modal, written in a form, taken away."""

from __future__ import annotations

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import people as looks
from blocks.kit import Block
from handlers import forms
from handlers.commands import Command, Shortcut
from handlers.modals import fill_with, open_view, submit
from handlers.overtaken import overtaken
from handlers.people import forms as filled
from handlers.people.service import Editing, PeopleService
from handlers.slack import Body, People

COMMANDS: tuple[Command, ...] = ()
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()
_NEW = re.compile(r"person\.new\.v1(\.me)?")
"""Anybody new, or the admin whom the people do not name yet."""


def register(app: AsyncApp, catalog: PeopleService, people: People) -> None:
    """Put the doors of people in `app`."""
    _register_openings(app, catalog, people)
    _register_changes(app, catalog, people)


def _register_openings(app: AsyncApp, catalog: PeopleService, people: People) -> None:
    @app.action("person.show.v1")
    async def show(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.title(people.default), people.default)
        locale, actor = await people.locale(body), await people.actor(body)

        def shown(found: Editing) -> Block:
            return looks.shown(found.person, found.directory, actor, catalog.now(), locale)

        work = catalog.show(forms.value(body))
        await fill_with(client, view, work, shown, title=looks.title(locale), locale=locale)

    @app.action(_NEW)
    async def new(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.title(people.default), people.default)
        await _begin(client, view, body, "", catalog, people)

    @app.action("person.edit.v1")
    async def edit(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _begin(client, forms.view_id(body), body, forms.value(body), catalog, people)


async def _begin(
    client: AsyncWebClient, view: str, body: Body, key: str, catalog: PeopleService, people: People
) -> None:
    """The form, in a modal that is open."""
    locale, actor = await people.locale(body), await people.actor(body)

    def shown(found: Editing) -> Block:
        return looks.editor(found.person, found.seen, locale)

    work = catalog.begin(key, actor, slack="" if key else forms.value(body))
    await fill_with(client, view, work, shown, title=looks.title(locale), locale=locale)


def _register_changes(app: AsyncApp, catalog: PeopleService, people: People) -> None:
    @app.view("person.edit.v1")
    async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        key, seen = forms.keyed(forms.metadata(body))

        await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: catalog.save(key, seen, actor, filled.person(body))),
            fields=looks.FIELDS,
            title=looks.title(locale),
            locale=locale,
            shown=lambda saved: looks.saved(saved.person, saved.directory, locale, is_changed=saved.is_changed),
            refused=overtaken(body, looks.title(locale), "person.edit.v1", key, locale),
        )

    @app.action("person.remove.v1")
    async def remove(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        work = catalog.remove(forms.value(body), actor)
        await fill_with(
            client,
            forms.view_id(body),
            work,
            lambda gone: looks.removed(gone.person, locale, is_gone=gone.is_gone),
            title=looks.title(locale),
            locale=locale,
        )
