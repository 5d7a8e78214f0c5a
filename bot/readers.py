"""The languages of Slack's users: asked of Slack at a first meeting and once a day, kept for the nights."""

from __future__ import annotations

import asyncio
import logging

from bot.notifiers.slack import SlackMessages
from domain.errors import DeliveryError, Unavailable
from handlers.readers.service import ReaderService

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 0.5
"""How long a click waits for Slack to say what its reader reads: a submitted modal has three seconds in all."""


class Readers:
    """Asks Slack, and keeps what it told."""

    def __init__(self, service: ReaderService, slack: SlackMessages) -> None:
        self._service = service
        self._slack = slack
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._told: dict[str, str] = {}

    async def locale(self, user: str) -> str:
        """What somebody whom nobody has asked about reads, such as "fr-FR"; "" when Slack does not say so at once."""
        if user not in self._asking:
            self._asking[user] = asyncio.create_task(self._ask(user), name=f"locale of {user}")
            self._asking[user].add_done_callback(lambda _: self._asking.pop(user, None))
        await asyncio.wait({self._asking[user]}, timeout=PATIENCE_SECONDS)
        return self._told.get(user, "")

    async def look_again(self) -> None:
        """Ask about those whom nobody has asked about for a day."""
        for user in await self._service.to_ask():
            await self._ask(user)

    async def _ask(self, user: str) -> None:
        try:
            self._told[user] = await self._slack.locale(user)
        except DeliveryError as error:
            if not error.permanent:
                return
            # Somebody who left, or whom Slack does not tell about: not asked again before tomorrow.
            self._told[user] = ""
        try:
            await self._service.remember(user, self._told[user])
        except Unavailable:
            log.warning("the language of %s is not kept: the database does not answer", user)
