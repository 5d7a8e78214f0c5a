"""Whose app this is, for Bolt. By itself Bolt asks Slack before the first click of each process, and takes none while
Slack does not answer that; here nobody who clicks depends on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.notifiers.slack_calls import UNREADABLE

PATIENCE_SECONDS = 0.5
"""How long a click waits for what Slack says of the token, of the three seconds that Slack gives it."""
_AWAY = (aiohttp.ClientError, SlackClientError, OSError, TimeoutError, *UNREADABLE)


class Installation(AsyncAuthorize):
    """The workspace that the token is of, once Slack has said it: it does not change afterwards."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._said: Mapping[str, Any] = {}
        self._asking: asyncio.Task[None] | None = None

    def app(self) -> AsyncApp:
        """Bolt's, which knows the token by the installation alone: with a token of its own it asks Slack by itself."""
        client = AsyncWebClient(base_url=self._client.base_url, session=self._client.session, retry_handlers=[])
        # Bolt gives the logger of this name its own logger's level: "vigie" here hides what `bot.logs` says.
        name, logger = "slack_bolt.vigie", logging.getLogger("slack_bolt")
        return AsyncApp(name=name, client=client, authorize=self, logger=logger)

    async def __call__(self, *, user_id: str | None, **_: object) -> AuthorizeResult:
        """What is known by now. Socket Mode brings nothing but what Slack lets in, so all of it may be unknown."""
        await self.ask(PATIENCE_SECONDS)
        said = self._said
        return AuthorizeResult(
            enterprise_id=said.get("enterprise_id"),
            team_id=said.get("team_id"),
            bot_id=said.get("bot_id"),
            bot_user_id=said.get("user_id"),
            bot_token=self._client.token,
            user_id=user_id,
        )

    async def ask(self, seconds: float | None = None) -> None:
        """Find out, unless it is known: for as long as this takes, or not longer than that."""
        if self._said:
            return
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="whose app this is")
        await asyncio.wait({self._asking}, timeout=seconds)

    async def _ask(self) -> None:
        try:
            answer = (await self._client.auth_test()).data
        except _AWAY:
            return
        self._said = answer if isinstance(answer, dict) else {}
