"""The doors of contacts: looked at, changed, and proved by the code that was sent."""

from __future__ import annotations

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import contacts as looks
from blocks.kit import Block
from handlers import forms
from handlers.commands import Command, Shortcut
from handlers.contacts import forms as filled
from handlers.contacts.service import ContactService, Reached
from handlers.modals import fill_with, open_view, submit
from handlers.overtaken import overtaken
from handlers.slack import Body, People

COMMANDS: tuple[Command, ...] = ()
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()
_CODE = re.compile(r"contacts\.code\.v1\..+")


def register(app: AsyncApp, contacts: ContactService, people: People) -> None:
    """Put the doors of contacts in `app`."""
    _register_openings(app, contacts, people)
    _register_saving(app, contacts, people)
    _register_codes(app, contacts, people)


def _shown(found: Reached, locale: str, *, is_saved: bool = False) -> Block:
    return looks.shown(found.person, found.directory, found.failures, locale, is_saved=is_saved)


def _reads(found: Reached, body: Body, locale: str, default: str) -> str:
    """The language that somebody may just have chosen for themselves; an admin goes on in their own."""
    is_own = found.person.slack == forms.user_id(body)
    return (found.directory.language_of(found.person) or default) if is_own else locale


def _register_openings(app: AsyncApp, contacts: ContactService, people: People) -> None:
    @app.action("contacts.show.v1")
    async def show(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = await _modal(client, body, people)
        locale, actor = await people.locale(body), await people.actor(body)
        work = contacts.show(forms.value(body), actor)
        await fill_with(
            client, view, work, lambda found: _shown(found, locale), title=looks.title(locale), locale=locale
        )

    @app.action("contacts.edit.v1")
    async def edit(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        await fill_with(
            client,
            forms.view_id(body),
            contacts.show(forms.value(body), actor),
            lambda found: looks.editor(found.person, found.seen, locale),
            title=looks.title(locale),
            locale=locale,
        )


async def _modal(client: AsyncWebClient, body: Body, people: People) -> str:
    """The modal that was clicked in, or a new one when it was the Home tab."""
    if body.get("view", {}).get("type") == "modal":
        return forms.view_id(body)
    return await open_view(client, body, looks.title(people.default), people.default)


def _register_saving(app: AsyncApp, contacts: ContactService, people: People) -> None:
    @app.view("contacts.edit.v1")
    async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        key, seen = forms.keyed(forms.metadata(body))

        await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: contacts.save(key, seen, actor, filled.contacts(body))),
            fields=looks.FIELDS,
            title=looks.title(locale),
            locale=locale,
            shown=lambda found: _shown(found, _reads(found, body, locale, people.default), is_saved=True),
            refused=overtaken(body, looks.title(locale), "contacts.edit.v1", key, locale),
        )


def _register_codes(app: AsyncApp, contacts: ContactService, people: People) -> None:
    @app.action(_CODE)
    async def send(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        locale, actor = await people.locale(body), await people.actor(body)
        person, contact = filled.asked(forms.value(body))
        await fill_with(
            client,
            forms.view_id(body),
            contacts.send(person, contact, actor),
            lambda found: looks.code_form(found.person, contact, locale),
            title=looks.title(locale),
            locale=locale,
        )

    @app.view("contacts.code.v1")
    async def verify(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        locale = await people.locale(body)
        person, contact = filled.asked(forms.metadata(body))
        await submit(
            ack,
            client,
            body,
            people.acting(body, lambda actor: contacts.verify(person, contact, forms.typed(body, "code"), actor)),
            fields=looks.CODE_FIELDS,
            title=looks.title(locale),
            locale=locale,
            shown=lambda found: _shown(found, locale),
        )
