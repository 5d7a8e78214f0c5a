"""Discord's incoming webhooks, small: execute and edit, with its limits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

from aiohttp import web

from bot.demo.inbox import Inbox
from bot.demo.local import LocalServer
from bot.demo.provider_faults import Fault, Faults

_CONTENT_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class DiscordMessage:
    """A message in a channel, as it stands now."""

    reference: str
    text: str
    mentions: tuple[str, ...]
    """The kinds of mention that would ring; `None` in Discord's words is everyone."""
    thread: str
    """The id of the thread that it stands in, "" in the channel itself."""
    at: datetime
    monotonic: float


class DiscordServer(LocalServer):
    """Discord on 127.0.0.1, with one webhook. `inbox` is what the channel shows, edits in place."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.inbox: Inbox[DiscordMessage] = Inbox()
        self.faults = Faults()
        self._now = now
        self._numbers = count(1)
        self._changed: list[Callable[[DiscordMessage], None]] = []

    def subscribe(self, told: Callable[[DiscordMessage], None]) -> None:
        """Be told of every message, and of every change of one."""
        self.inbox.subscribe(told)
        self._changed.append(told)

    @property
    def webhook(self) -> str:
        """The address a policy names."""
        return f"{self.prefix}webhooks/1/demo-token"

    @property
    def public_webhook(self) -> str:
        """The same as a policy names it, to a Vigie whose DISCORD_API_URL leads here."""
        return f"https://discord.com/api/{self.webhook.removeprefix(self.prefix)}"

    @property
    def prefix(self) -> str:
        """What `DiscordWebhook` must be allowed to call."""
        return f"{self.origin}/api/"

    def application(self) -> web.Application:
        application = web.Application()
        for version in ("", "v10/"):
            application.router.add_post(f"/api/{version}webhooks/1/demo-token", self._execute)
            application.router.add_patch(f"/api/{version}webhooks/1/demo-token/messages/{{id}}", self._edit)
        application.router.add_route("*", "/{any:.*}", self._unknown)
        return application

    async def _execute(self, request: web.Request) -> web.Response:
        thread = request.query.get("thread_id", "")
        return await self._answer(request, lambda body: self._post(body, thread))

    async def _edit(self, request: web.Request) -> web.Response:
        place = request.match_info["id"], request.query.get("thread_id", "")
        return await self._answer(request, lambda body: self._change(place, body))

    async def _unknown(self, _: web.Request) -> web.Response:
        return _error(404, 10015, "Unknown Webhook")

    async def _answer(self, request: web.Request, act: Callable[[dict[str, Any]], web.Response]) -> web.Response:
        fault = self.faults.take()
        body = _content(await request.text())
        if body is None:
            return _error(400, 50035, "Invalid Form Body")
        if fault is None:
            return act(body)
        usual = act(body) if fault.proceeds else web.Response()
        # To whoever names no version it answers as version 6, which counts milliseconds.
        unit = 1 if request.path.startswith("/api/v10/") else 1000
        return await self.misbehave(request, fault, _failure(fault, unit) if fault.status else usual)

    def _post(self, body: dict[str, Any], thread: str) -> web.Response:
        message = DiscordMessage(
            str(next(self._numbers)), body["content"], _mentions(body), thread, self._now(), time.monotonic()
        )
        self.inbox.add(message)
        return web.json_response({"id": message.reference, "content": message.text})

    def _change(self, place: tuple[str, str], body: dict[str, Any]) -> web.Response:
        for number, message in enumerate(self.inbox.messages):
            if (message.reference, message.thread) == place:
                self.inbox.messages[number] = replace(message, text=body["content"])
                for told in self._changed:
                    told(self.inbox.messages[number])
                return web.json_response({"id": message.reference, "content": body["content"]})
        return _error(404, 10008, "Unknown Message")


def _content(text: str) -> dict[str, Any] | None:
    """The body, when Discord would take it."""
    try:
        body = json.loads(text)
    except ValueError:
        return None
    if not isinstance(body, dict) or not isinstance(body.get("content"), str):
        return None
    return body if 0 < len(body["content"]) <= _CONTENT_LIMIT else None


def _mentions(body: dict[str, Any]) -> tuple[str, ...]:
    allowed = body.get("allowed_mentions", {"parse": ["everyone", "roles", "users"]})
    return tuple(allowed.get("parse", ()))


def _failure(fault: Fault, unit: int) -> web.Response:
    """`unit` is a second in what waits are counted in."""
    if fault.status != 429:
        return _error(fault.status, 0, fault.message)
    wait = unit * (fault.retry_after if fault.retry_after is not None else 1.0)
    body = {"message": "You are being rate limited.", "retry_after": wait, "global": False}
    return web.json_response(body, status=429, headers={"Retry-After": f"{wait:g}"})


def _error(status: int, code: int, message: str) -> web.Response:
    return web.json_response({"message": message, "code": code}, status=status)
