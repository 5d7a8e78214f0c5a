"""The doors that the editors of policies and runbooks share: a draft begun or gone on with and its steps moved, saved,
switched off, looked back at, restored. The modal at the bottom is the document; a step's form lies on top of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks.kit import Block
from domain.directory import Directory
from domain.drafts import Document, Version
from domain.errors import Outdated, VigieError
from domain.people import Actor
from handlers import fields, forms
from handlers.editing.service import Editing, Editor, Header, Saved
from handlers.modals import fill_with, open_view, submit
from handlers.slack import Body, People

Result = TypeVar("Result")
OpensStep = Callable[[AsyncWebClient, Body, int], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks(Generic[Document, Editing]):
    """How an editor's modals look, and how what stands above the steps is read from one."""

    title: Callable[[str], str]
    header: Callable[[Mapping[str, Any]], Header]
    header_fields: Callable[[int], dict[str, str]]
    editor: Callable[[Editing, str], Block]
    saved: Callable[[Saved[Document], str], Block]
    outdated: Callable[[str, str, str], Block]
    history: Callable[[Sequence[Version[Document]], Directory, Actor, str], Block]


class Doors(Generic[Document, Editing]):
    """Of one kind of document, whose word begins the names of the buttons."""

    def __init__(self, editor: Editor[Document, Editing], looks: Looks[Document, Editing], people: People) -> None:
        self._editor: Editor[Document, Editing] = editor
        self._looks: Looks[Document, Editing] = looks
        self._people = people

    def register(self, app: AsyncApp) -> None:
        """Put the doors in `app`."""
        self._register_openings(app)
        self._register_saving(app)
        self._register_history(app)

    def _named(self, verb: str) -> str:
        return f"{self._editor.word}.{verb}.v1"

    async def fill(
        self, client: AsyncWebClient, view: str, work: Awaitable[Result], shown: Callable[[Result], Block], locale: str
    ) -> None:
        """Put what `shown` makes of the result of `work` in an open modal, or why not."""
        await fill_with(client, view, work, shown, title=self._looks.title(locale), locale=locale)

    async def redraw(self, client: AsyncWebClient, view: str, work: Awaitable[Editing], locale: str) -> None:
        """The form of a draft, in an open modal."""
        await self.fill(client, view, work, lambda editing: self._looks.editor(editing, locale), locale)

    def _register_openings(self, app: AsyncApp) -> None:
        @app.action(self._named("new"))
        async def new(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            default = self._people.default
            view = await open_view(client, body, self._looks.title(default), default)
            locale, actor = await self._people.locale(body), await self._people.actor(body)
            await self.redraw(client, view, self._editor.begin("", actor), locale)

        @app.action(self._named("edit"))
        async def edit(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            await self._begin(client, body)

        @app.action(self._named("restart"))
        async def restart(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            await self._begin(client, body, afresh=True)

        @app.action(self._named("mine"))
        async def mine(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            await self._begin(client, body, mine=True)

    async def _begin(self, client: AsyncWebClient, body: Body, *, afresh: bool = False, mine: bool = False) -> None:
        locale, actor = await self._people.locale(body), await self._people.actor(body)
        key = forms.value(body)
        work = self._editor.begin("" if key == "new" else key, actor, afresh=afresh, mine=mine)
        await self.redraw(client, forms.view_id(body), work, locale)

    def register_steps(self, app: AsyncApp, opens: OpensStep) -> None:
        """The list of steps; `opens` puts the form of a step on top, for 0 a new one's."""

        @app.action(self._named("add"))
        async def add(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            await opens(client, body, 0)

        @app.action(self._named("step"))
        async def change(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            verb, position, seen = fields.choice(body)
            if verb == "edit":
                await opens(client, body, position)
                return
            key, _ = fields.keyed(forms.metadata(body))
            locale, actor = await self._people.locale(body), await self._people.actor(body)
            header = self._looks.header(body)
            if verb == "remove":
                work = self._editor.remove(key, actor, header, position, seen)
            else:
                work = self._editor.move(key, actor, header, position, -1 if verb == "up" else 1, seen)
            await self.redraw(client, forms.view_id(body), work, locale)

    def _register_saving(self, app: AsyncApp) -> None:
        looks, editor = self._looks, self._editor

        @app.view(self._named("edit"))
        async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            locale = await self._people.locale(body)
            key, edition = fields.keyed(forms.metadata(body))

            def refused(error: VigieError) -> Block | None:
                is_overtaken = isinstance(error, Outdated)
                return looks.outdated(words.sentence(error, locale), key, locale) if is_overtaken else None

            await submit(
                ack,
                client,
                body,
                self._people.acting(body, lambda actor: editor.save(key, actor, looks.header(body))),
                fields=looks.header_fields(edition),
                title=looks.title(locale),
                locale=locale,
                shown=lambda saved: looks.saved(saved, locale),
                refused=refused,
            )

        @app.action(self._named("switch"))
        async def switch(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            locale, actor = await self._people.locale(body), await self._people.actor(body)
            key, _, way = forms.value(body).rpartition("|")
            work = editor.switch(key, actor, is_active=way == "on")
            await self.fill(client, forms.view_id(body), work, lambda saved: looks.saved(saved, locale), locale)

    def _register_history(self, app: AsyncApp) -> None:
        looks, editor = self._looks, self._editor

        @app.action(self._named("history"))
        async def history(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            locale, actor = await self._people.locale(body), await self._people.actor(body)

            def shown(found: tuple[list[Version[Document]], Directory]) -> Block:
                versions, directory = found
                return looks.history(versions, directory, actor, locale)

            await self.fill(client, forms.view_id(body), editor.history(forms.value(body)), shown, locale)

        @app.action(self._named("restore"))
        async def restore(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            locale, actor = await self._people.locale(body), await self._people.actor(body)
            key, number = fields.keyed(forms.value(body))
            work = editor.restore(key, number, actor)
            await self.fill(client, forms.view_id(body), work, lambda saved: looks.saved(saved, locale), locale)
