"""The Home tab in Slack: published when somebody opens it or goes elsewhere in it, and after what changes it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict
from dataclasses import replace

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks import catalog
from blocks import home as looks
from blocks.home import A_PAGE
from domain.people import Actor
from handlers import forms
from handlers.commands import Command, Shortcut
from handlers.home.service import HomeService, Seen
from handlers.home.slack_contents import overview, section
from handlers.incidents.service import IncidentService
from handlers.slack import Body, People, fill_view, open_view

log = logging.getLogger(__name__)

COMMANDS: tuple[Command, ...] = ()
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS = ("app_home_opened",)
_SECTIONS = re.compile(rf"{re.escape(looks.SECTION)}\.\w+")
_TURNS = re.compile(rf"{re.escape(looks.TURN)}\.(before|more)")


class Homes:
    """Publishes Home tabs, one at a time for each reader: the later one must not be overtaken."""

    def __init__(self, service: HomeService, people: People, client: AsyncWebClient) -> None:
        self._service = service
        self._people = people
        self._client = client
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def open(self, body: Body, user: str) -> None:
        """Show somebody their Home tab."""
        async with self._turns[user]:
            await self._publish(await self._service.open(user), await self._people.actor(body))

    async def go(self, body: Body, **where: str | int) -> None:
        """Show them another part of it."""
        user = forms.user_id(body)
        async with self._turns[user]:
            seen = await self._service.open(user)
            home = replace(seen.home, **where)  # type: ignore[arg-type]
            await self._publish(await self._service.go(home), await self._people.actor(body))

    async def refresh(self) -> None:
        """Bring those up to date that show what is no longer so."""
        for seen in await self._service.outdated():
            actor = await self._people.actor({"user": {"id": seen.home.user}})
            async with self._turns[seen.home.user]:
                await self._publish(seen, actor)

    async def _publish(self, seen: Seen, actor: Actor) -> None:
        locale = (seen.person.locale if seen.person else "") or self._people.default
        chosen = section(seen, actor, locale, A_PAGE)
        view = looks.home(overview(seen), chosen, locale)
        try:
            await self._client.views_publish(user_id=seen.home.user, view=view)
        except (SlackApiError, OSError, TimeoutError) as error:
            log.warning("the Home tab of %s was not shown: %s", seen.home.user, error)


def register(app: AsyncApp, homes: Homes, incidents: IncidentService, people: People) -> None:
    """Put the Home tab's doors in `app`."""
    _register_reading(app, incidents, people)

    @app.event("app_home_opened")
    async def opened(event: Body) -> None:
        if event.get("tab", "home") == "home":
            await homes.open({"user": {"id": event["user"]}}, str(event["user"]))

    @app.action(_SECTIONS)
    async def elsewhere(ack: AsyncAck, body: Body) -> None:
        await ack()
        await homes.go(body, section=forms.value(body), offset=0, search="")

    @app.action(_TURNS)
    async def turn(ack: AsyncAck, body: Body) -> None:
        await ack()
        offset = forms.value(body)
        await homes.go(body, offset=int(offset) if offset.isascii() and offset.isdigit() else 0)

    @app.action(looks.SEARCH)
    async def search(ack: AsyncAck, body: Body) -> None:
        await ack()
        await homes.go(body, offset=0, search=forms.value(body)[:100])


def _register_reading(app: AsyncApp, incidents: IncidentService, people: People) -> None:
    @app.action("policy.show.v1")
    async def show_policy(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view, locale = await open_view(client, body, "Vigie", people.default), await people.locale(body)
        directory = await incidents.directory()
        policy = directory.policies.get(forms.value(body))
        if policy:
            team = directory.teams.get(policy.team)
            shown = catalog.policy(policy, team.name if team else "", locale)
            await fill_view(client, view, looks.reading(policy.name, shown, locale))

    @app.action("runbook.show.v1")
    async def show_runbook(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view, locale = await open_view(client, body, "Vigie", people.default), await people.locale(body)
        directory = await incidents.directory()
        book = directory.runbooks.get(forms.value(body))
        if book:
            shown = catalog.runbook(book, directory.service_name(book.service), locale)
            await fill_view(client, view, looks.reading(book.title, shown, locale))
