"""The doors of services: read in a modal, written in a form, taken away."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import services as looks
from blocks.kit import Block
from handlers import forms
from handlers.commands import Command, Shortcut
from handlers.modals import fill_with, open_view, submit
from handlers.overtaken import overtaken
from handlers.services import forms as filled
from handlers.services.service import Editing, ServiceService
from handlers.slack import Body, People

COMMANDS: tuple[Command, ...] = ()
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()


def register(app: AsyncApp, services: ServiceService, people: People) -> None:
    """Put the doors of services in `app`."""
    _register_openings(app, services, people)
    _register_changes(app, services, people)


def _register_openings(app: AsyncApp, services: ServiceService, people: People) -> None:
    @app.action("service.show.v1")
    async def show(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.title(people.default), people.default)
        locale, actor = await people.locale(body), await people.actor(body)

        def shown(found: Editing) -> Block:
            return looks.shown(found.service, found.directory, actor, locale)

        work = services.show(forms.value(body))
        await fill_with(client, view, work, shown, title=looks.title(locale), locale=locale)

    @app.action("service.new.v1")
    async def new(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await open_view(client, body, looks.title(people.default), people.default)
        await _begin(client, view, body, "", services, people)

    @app.action("service.edit.v1")
    async def edit(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _begin(client, forms.view_id(body), body, forms.value(body), services, people)


async def _begin(
    client: AsyncWebClient, view: str, body: Body, key: str, services: ServiceService, people: People
) -> None:
    """The form, in a modal that is open."""
    locale, actor = await people.locale(body), await people.actor(body)

    def shown(found: Editing) -> Block:
        return looks.editor(found.service, found.directory, found.seen, locale)

    work = services.begin(key, actor)
    await fill_with(client, view, work, shown, title=looks.title(locale), locale=locale)


def _register_changes(app: AsyncApp, services: ServiceService, people: People) -> None:
    @app.view("service.edit.v1")
    async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        key, seen = forms.keyed(forms.metadata(body))

        await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: services.save(key, seen, actor, filled.service(body))),
            fields=looks.FIELDS,
            title=looks.title(locale),
            locale=locale,
            shown=lambda saved: looks.saved(saved.service, locale, is_changed=saved.is_changed),
            refused=overtaken(body, looks.title(locale), "service.edit.v1", key, locale),
        )

    @app.action("service.remove.v1")
    async def remove(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        work = services.remove(forms.value(body), actor)
        await fill_with(
            client,
            forms.view_id(body),
            work,
            lambda gone: looks.removed(gone.service, locale),
            title=looks.title(locale),
            locale=locale,
        )
