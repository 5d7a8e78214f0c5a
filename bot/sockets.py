"""Slack's two doors: the check of the tokens before anything starts, and two Socket Mode connections kept alive.

Slack recycles a connection every few hours; while one is away the other goes on answering within Slack's 3 seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, field

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.notifiers.slack_calls import UNREADABLE
from bot.socket_client import Handler
from domain.errors import VigieError

log = logging.getLogger(__name__)
library = logging.getLogger(f"{__name__}.library")
"""What slack_sdk says of a connection."""

CONNECTIONS = 2
WATCH_SECONDS = 5.0
DEAF_SECONDS = 20.0
"""A connection down for this long is made anew: the library's own reconnection has got stuck before."""
PREFLIGHT_SECONDS = 8.0
_BUSY = frozenset(
    {
        "ratelimited",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "org_login_required",
        "team_added_to_org",
    }
)
"""What says nothing of a token."""
_AWAY = (aiohttp.ClientError, SlackClientError, OSError, TimeoutError)


def _briefly(record: logging.LogRecord) -> bool:
    """That Slack is away is no fault of ours, and said in a line: the library has a traceback for each attempt."""
    if record.levelno > logging.WARNING:
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    if record.exc_info and isinstance(record.exc_info[1], (*_AWAY, *UNREADABLE)):
        if status := _status(record.exc_info[1]):
            # The library trips over an answer without JSON, and says how it fell.
            said = "Slack is rate limiting" if status == 429 else f"Slack answers HTTP {status}"
            record.msg, record.args = "Failed to connect (%s); retrying", (said,)
        record.exc_info = record.exc_text = None
    return log.isEnabledFor(record.levelno)


def _status(fault: BaseException) -> int:
    """With what Slack answered the call that a fault comes from, 0 when that is not known."""
    refused = fault.__context__
    answer = refused.response if isinstance(fault, UNREADABLE) and isinstance(refused, SlackApiError) else None
    return int(getattr(answer, "status_code", 0) or 0)


library.addFilter(_briefly)


BOT_TOKEN, APP_TOKEN = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"


class TokenRefused(VigieError):
    """Slack knows the token of the variable `name` and refuses it, or does not know it: one line that says so."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: Slack refuses it ({reason}); copy it again from the app's settings")
        self.name = name


@dataclass(slots=True)
class Preflight:
    """What Slack says of the tokens: the variables of those that it takes, and its refusals."""

    silence: str = ""
    """Why Slack does not answer, "" when it does."""
    taken: list[str] = field(default_factory=list)
    refused: list[TokenRefused] = field(default_factory=list)

    @property
    def is_there(self) -> bool:
        return not self.silence


async def preflight(client: AsyncWebClient, app_token: str) -> Preflight:
    """Whether Slack answers and takes both tokens; without an app token, the bot's.

    Bolt's connection loop goes round for ever on a bad app token.
    """
    found = Preflight()
    try:
        async with asyncio.timeout(PREFLIGHT_SECONDS):
            await _check(found, BOT_TOKEN, client.auth_test())
            if app_token:
                await _check(found, APP_TOKEN, client.apps_connections_open(app_token=app_token))
    except _AWAY as error:
        found.silence = str(error).partition("\n")[0] or "no answer in time"
    return found


async def _check(found: Preflight, name: str, call: Awaitable[object]) -> None:
    try:
        await call
        found.taken.append(name)
    except SlackApiError as error:
        answer = getattr(error.response, "data", None)
        reason = str(answer.get("error") or "") if isinstance(answer, dict) else ""
        if not reason or reason in _BUSY:
            raise TimeoutError(reason or str(error)) from None
        found.refused.append(TokenRefused(name, reason))
    except UNREADABLE as error:
        raise TimeoutError("what answers in its stead is not Slack") from error


class Sockets:
    """The connections of one process."""

    def __init__(self, app: AsyncApp, app_token: str, count: int = CONNECTIONS) -> None:
        self._count = count
        self._app = app
        self._token = app_token
        self._handlers: list[Handler] = []
        self._connecting: dict[int, asyncio.Task[None]] = {}
        self._down_since: dict[int, float] = {}
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect, for as long as it takes; comes back at once."""
        for place in range(self._count):
            self._handlers.append(self._new())
            self._connect(place)
        self._watch = asyncio.create_task(self._watching())

    async def connected(self) -> int:
        """How many connections are open."""
        return sum([await handler.client.is_open() for handler in self._handlers])

    async def stop(self) -> None:
        """Hang up. A peer that does not answer is left after a few seconds."""
        tasks = [*self._connecting.values(), *([self._watch] if self._watch else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(_hang_up(handler) for handler in self._handlers))

    def _new(self) -> Handler:
        return Handler(self._app, self._token, library)

    def _connect(self, place: int) -> None:
        task = asyncio.ensure_future(self._handlers[place].connect_async())  # type: ignore[no-untyped-call]
        self._connecting[place] = task
        task.add_done_callback(_noted)

    async def _watching(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for place, handler in enumerate(self._handlers):
                if await handler.client.is_open():
                    self._down_since.pop(place, None)
                elif loop.time() - self._down_since.setdefault(place, loop.time()) > DEAF_SECONDS:
                    await self._replace(place)

    async def _replace(self, place: int) -> None:
        log.warning("Socket Mode connection %s is down; making it anew", place + 1)
        self._down_since.pop(place, None)
        self._connecting[place].cancel()
        old, self._handlers[place] = self._handlers[place], self._new()
        await _hang_up(old)
        self._connect(place)


async def _hang_up(handler: Handler) -> None:
    with contextlib.suppress(*_AWAY):
        async with asyncio.timeout(3):
            await handler.close_async()  # type: ignore[no-untyped-call]


def _noted(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and task.exception():
        log.warning("a Socket Mode connection did not open: %s", task.exception())
