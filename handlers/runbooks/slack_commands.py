"""`/runbook` in Slack."""

from __future__ import annotations

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from blocks import listings
from blocks.kit import Message
from blocks.listings import A_PAGE
from domain.directory import Directory
from domain.errors import NotFound
from domain.incidents import Status
from domain.runbooks import Runbook
from handlers import commands, forms
from handlers.incidents.service import IncidentService
from handlers.runbooks.service import RunbookService
from handlers.slack import Body, People
from handlers.slack_commands import Asked, Doors, register, show

_LIST = "runbook.list.v1"
_PAGES = re.compile(rf"{re.escape(_LIST)}\.(before|more)")
_OPEN = (Status.TRIGGERED, Status.ACKNOWLEDGED, Status.MITIGATED)


class RunbookCommands:
    """What `/runbook` can do."""

    def __init__(self, runbooks: RunbookService, incidents: IncidentService) -> None:
        self._runbooks = runbooks
        self._incidents = incidents

    def doors(self) -> Doors:
        return Doors({"list": self.list, "show": self.show, "start": self.start}, {})

    async def list(self, asked: Asked) -> Message:
        return await self.page(asked.rest, 0, asked.locale)

    async def page(self, words: str, offset: int, locale: str) -> Message:
        """A page of the active runbooks whose title or service has these words."""
        directory = await self._incidents.directory()
        found = matching(directory, words)
        shown = [(book, directory.service_name(book.service)) for book in found[offset : offset + A_PAGE]]
        return listings.runbooks(
            shown, listings.Page(count=len(found), offset=offset, action=_LIST, asked=words[:200]), locale
        )

    async def show(self, asked: Asked) -> Message:
        directory = await self._incidents.directory()
        book = the_one(directory, asked.rest)
        return listings.runbook(book, directory.service_name(book.service), asked.locale)

    async def start(self, asked: Asked) -> Message:
        title, name = commands.id_at_end(asked.rest)
        book = the_one(await self._incidents.directory(), title)
        if not name:
            found = await self._incidents.meant(asked.channel, asked.channel_name, _OPEN)
            if len(found) != 1:
                raise NotFound("say in which incident: the runbook first, then INC-…")
            name = found[0].incident.short_id
        run = await self._runbooks.start(name, book.version_id, asked.actor)
        return listings.started(book.title, (await self._incidents.show(run.incident)).incident, asked.locale)


def matching(directory: Directory, words: str) -> list[Runbook]:
    """The active runbooks with these words in their title or their service's name, by title."""
    wanted = words.casefold()
    found = [
        book
        for book in directory.runbooks.values()
        if book.is_active and wanted in f"{book.title} {directory.service_name(book.service)}".casefold()
    ]
    return sorted(found, key=lambda book: book.title.casefold())


def the_one(directory: Directory, title: str) -> Runbook:
    """The runbook of that title, or the only one that has these words. Raises NotFound."""
    found = matching(directory, title)
    exact = [book for book in found if book.title.casefold() == title.casefold()]
    if len(exact or found) != 1 or not title:
        raise NotFound("say which runbook: its title, or words that only it has (/runbook list)")
    return (exact or found)[0]


def register_commands(app: AsyncApp, runbooks: RunbookCommands, people: People) -> None:
    """Put `/runbook` in `app`."""
    register(app, "/runbook", runbooks.doors(), people)

    @app.action(_PAGES)
    async def turn(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        offset, _, asked = forms.value(body).partition(":")
        if offset.isascii() and offset.isdigit():
            await show(respond, await runbooks.page(asked, int(offset), await people.locale(body)), in_place=True)
