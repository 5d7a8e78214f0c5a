"""One Socket Mode connection. It is open once Slack has said hello on it, and until Slack says that it ends."""

from __future__ import annotations

import asyncio
import json
from logging import Logger

from aiohttp import ClientWebSocketResponse, WSMessage
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

PING_SECONDS = 3
LASTING_SECONDS = 10.0
"""A connection that ended sooner was none: the next one is asked for after a pause that grows."""
LONGEST_PAUSE_SECONDS = 30.0


class SocketClient(SocketModeClient):
    """The library's own counts one that was only dialled, on which Slack says nothing or that it turns away, and asks
    for the next at once: hundreds a second where Slack turns all of them away."""

    def __init__(self, app_token: str, web_client: AsyncWebClient, logger: Logger) -> None:
        """Raises RuntimeError outside a running loop."""
        super().__init__(app_token, logger, web_client, ping_interval=PING_SECONDS)
        self.on_message_listeners.append(self._hear)
        self._greeted: ClientWebSocketResponse | None = None
        self._dialled_at: float | None = None
        self._brief = 0
        """How many connections have ended at once, one after another."""

    async def is_open(self) -> bool:
        """Whether Slack may send what people do on it."""
        return self._greeted is not None and self._greeted is self.current_session and await self.is_connected()

    async def connect(self) -> None:
        await super().connect()  # type: ignore[no-untyped-call]
        self._dialled_at = asyncio.get_running_loop().time()

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        await asyncio.sleep(self._pause())
        if not self.closed:
            await super().connect_to_new_endpoint(force)

    def _pause(self) -> float:
        """For how many seconds more none is to be asked for."""
        lasted = asyncio.get_running_loop().time() - self._dialled_at if self._dialled_at else LASTING_SECONDS
        if lasted >= LASTING_SECONDS:
            self._brief = 0
            return 0.0
        self._brief += 1
        return max(min(2.0 ** (self._brief - 1), LONGEST_PAUSE_SECONDS) - lasted, 0.0)

    async def _hear(self, message: WSMessage) -> None:
        kind = _kind(message)
        if kind == "hello":
            self._greeted = self.current_session
        elif kind == "disconnect":
            self._greeted = None


class Handler(AsyncSocketModeHandler):
    """Bolt's, on such a connection."""

    client: SocketClient

    def __init__(self, app: AsyncApp, app_token: str, logger: Logger) -> None:
        # The parent's makes a client of the library's own, which goes on by itself.
        self.app = app
        self.app_token = app_token
        self.client = SocketClient(app_token, app.client, logger)
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]


def _kind(message: WSMessage) -> str:
    try:
        frame = json.loads(message.data)
    except (TypeError, ValueError):
        return ""
    return str(frame.get("type", "")) if isinstance(frame, dict) else ""
