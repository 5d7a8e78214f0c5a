"""A modal that is opened after something was looked for: in time for its trigger, however slow the database is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from blocks import errors as words
from blocks import modals
from domain.errors import VigieError
from handlers.modals import fill_view, open_view
from handlers.slack import PATIENCE_SECONDS, Body, People

Result = TypeVar("Result")


class Opening:
    """What one click or command may open. Slack's trigger lives three seconds: a modal that says that it is loading is
    opened when what is looked for takes longer than a part of them."""

    def __init__(self, client: AsyncWebClient, body: Body, people: People, title: str) -> None:
        """`title` is in the installation's language, which is known before anything is asked."""
        self._client = client
        self._body = body
        self._people = people
        self._title = title
        self._view = ""

    async def during(self, work: Awaitable[Result]) -> Result:
        """The result of `work`. Raises what `work` raises."""
        task = asyncio.ensure_future(work)
        await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        if not task.done():
            await self.view()
        return await task

    async def view(self) -> str:
        """The modal's id: of the one that is open, else of one that is opened now; "" when Slack wants none."""
        self._view = self._view or await open_view(self._client, self._body, self._title, self._people.default)
        return self._view

    async def found(self, work: Awaitable[Result]) -> Result:
        """The same for a command, which whispers a refusal; the modal must not wait for ever meanwhile."""
        try:
            result = await self.during(work)
        except VigieError as error:
            await self.told(error)
            raise
        return result

    async def told(self, error: VigieError) -> bool:
        """Say why not in the modal if one was opened meanwhile: whether there was one."""
        return bool(self._view) and await self.refuse(error)

    async def whispered(self) -> None:
        """There is nothing to ask for: the answer stands in the conversation."""
        if self._view:
            await self._fill(words.whispered(await self._people.locale(self._body)))

    async def done(self) -> None:
        """There is nothing more to ask for."""
        if self._view:
            await self._fill(words.done(await self._people.locale(self._body)))

    async def refuse(self, error: VigieError) -> bool:
        """Say in a modal why not: whether it could be said."""
        await self.view()
        return await self._fill(words.sentence(error, await self._people.locale(self._body)))

    async def _fill(self, text: str) -> bool:
        locale = await self._people.locale(self._body)
        return await fill_view(self._client, self._view, modals.notice(self._title, text, locale))


async def tried(client: AsyncWebClient, body: Body, people: People, work: Awaitable[object]) -> None:
    """Do `work` for a click in a Home tab or a modal, where nothing can be whispered: a refusal is told in a modal,
    and so is that it is done when somebody has waited for it."""
    opening = Opening(client, body, people, "Vigie")
    try:
        await opening.during(work)
    except VigieError as error:
        await opening.refuse(error)
        return
    await opening.done()
