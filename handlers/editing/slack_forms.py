"""The doors of what has a form and no versions, people, teams and services: read in a modal, written in a form, taken
away."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks.kit import Block
from domain.people import Actor
from handlers import forms
from handlers.modals import fill_with, open_view, submit
from handlers.overtaken import overtaken
from handlers.slack import Body, People

Editing = TypeVar("Editing")
Form = TypeVar("Form")
Saved = TypeVar("Saved")
Found = TypeVar("Found", covariant=True)
Said = TypeVar("Said", contravariant=True)
Outcome = TypeVar("Outcome", covariant=True)


class Keeps(Protocol[Found, Said, Outcome]):
    """The use cases behind the doors."""

    async def show(self, key: str, /) -> Found:
        """A thing as it is."""

    async def save(self, key: str, seen: str, actor: Actor, form: Said, /) -> Outcome:
        """A thing as the form says."""

    async def remove(self, key: str, actor: Actor, /) -> Outcome:
        """Without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks(Generic[Editing, Form, Saved]):
    """How the modals of one kind of thing look, and how its form is read."""

    title: Callable[[str], str]
    fields: Mapping[str, str]
    form: Callable[[Mapping[str, Any]], Form]
    shown: Callable[[Editing, Actor, str], Block]
    editor: Callable[[Editing, str], Block]
    saved: Callable[[Saved, str], Block]
    removed: Callable[[Saved, str], Block]


class Doors(Generic[Editing, Form, Saved]):
    """Of one kind of thing, whose `word` begins the names of the buttons."""

    def __init__(
        self,
        word: str,
        things: Keeps[Editing, Form, Saved],
        begins: Callable[[str, Actor, Body], Awaitable[Editing]],
        looks: Looks[Editing, Form, Saved],
        people: People,
    ) -> None:
        """`begins` gives what the form begins with, for "" that of a new thing."""
        self._word = word
        self._things: Keeps[Editing, Form, Saved] = things
        self._begins = begins
        self._looks: Looks[Editing, Form, Saved] = looks
        self._people = people

    def register(self, app: AsyncApp) -> None:
        """Put the doors in `app`. More than one button may lead to the form of a new thing."""
        self._register_openings(app)
        self._register_changes(app)

    def _register_openings(self, app: AsyncApp) -> None:
        looks, people = self._looks, self._people

        @app.action(f"{self._word}.show.v1")
        async def show(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            view = await open_view(client, body, looks.title(people.default), people.default)
            locale, actor = await people.locale(body), await people.actor(body)
            work = self._things.show(forms.value(body))
            await self._fill(client, view, work, lambda found: looks.shown(found, actor, locale), locale)

        @app.action(re.compile(rf"{self._word}\.new\.v1(\.\w+)?"))
        async def new(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            view = await open_view(client, body, looks.title(people.default), people.default)
            await self._begin(client, view, body, "")

        @app.action(f"{self._word}.edit.v1")
        async def edit(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            await self._begin(client, forms.view_id(body), body, forms.value(body))

    async def _begin(self, client: AsyncWebClient, view: str, body: Body, key: str) -> None:
        """The form, in a modal that is open."""
        locale, actor = await self._people.locale(body), await self._people.actor(body)
        work = self._begins(key, actor, body)
        await self._fill(client, view, work, lambda found: self._looks.editor(found, locale), locale)

    async def _fill(
        self,
        client: AsyncWebClient,
        view: str,
        work: Awaitable[Any],
        shown: Callable[[Any], Block],
        locale: str,
    ) -> None:
        await fill_with(client, view, work, shown, title=self._looks.title(locale), locale=locale)

    def _register_changes(self, app: AsyncApp) -> None:
        looks, people, form = self._looks, self._people, f"{self._word}.edit.v1"

        @app.view(form)
        async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            locale = await people.locale(body)
            key, seen = forms.keyed(forms.metadata(body))
            await submit(
                ack,
                client,
                body,
                people.acting(body, lambda actor: self._things.save(key, seen, actor, looks.form(body))),
                fields=looks.fields,
                title=looks.title(locale),
                locale=locale,
                shown=lambda saved: looks.saved(saved, locale),
                refused=overtaken(body, looks.title(locale), form, key, locale),
            )

        @app.action(f"{self._word}.remove.v1")
        async def remove(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            locale, actor = await people.locale(body), await people.actor(body)
            work = self._things.remove(forms.value(body), actor)
            await self._fill(client, forms.view_id(body), work, lambda gone: looks.removed(gone, locale), locale)
