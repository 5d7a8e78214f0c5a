"""A voice gateway, small: it takes signed calls, rings, and says by callback which keys were pressed."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp import web

from bot.clock import wall_now
from bot.demo.inbox import Inbox
from bot.demo.local import LocalServer
from bot.demo.ovh_rules import E164
from bot.demo.provider_faults import Faults
from domain.signatures import SIGNATURE, STAMP, signature, signed

_OFF_SECONDS = 300
_TRIES = 20


@dataclass(frozen=True, slots=True)
class ReceivedCall:
    """A telephone that rings, or rang. `state` is what became of it, `heard` what was last said in it."""

    id: str
    to: str
    text: str
    locale: str
    callback: str
    keys: tuple[str, ...]
    at: datetime
    """By the clock given to the server."""
    monotonic: float
    state: str = "ringing"
    heard: str = ""


class VoiceServer(LocalServer):
    """A gateway on 127.0.0.1. `inbox` is every call, as it stands now; the same call asked for twice rings once."""

    def __init__(self, now: Callable[[], datetime], secret: str = "a-secret-of-both-sides") -> None:
        super().__init__()
        self.secret = secret
        self.inbox: Inbox[ReceivedCall] = Inbox()
        self.faults = Faults()
        self.asked = 0
        """How often a call was asked for, repeats too."""
        self.busy_numbers: set[str] = set()
        self._now = now
        self._changed: list[Callable[[ReceivedCall], None]] = []
        self._answers: set[asyncio.Task[Any]] = set()

    @property
    def url(self) -> str:
        """What to give as `PHONE_GATEWAY_URL`."""
        return f"{self.origin}/calls"

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/calls", self._look)
        application.router.add_post("/calls", self._call)
        return application

    def subscribe(self, told: Callable[[ReceivedCall], None]) -> None:
        """Be told of every call, and of every change of one."""
        self.inbox.subscribe(told)
        self._changed.append(told)

    async def press(self, call: ReceivedCall, key: str) -> str:
        """Whoever is called presses a key; what they are told."""
        return await self._tell(call, "answered", {"event": "key", "key": key})

    async def report(self, call: ReceivedCall, state: str) -> None:
        """What became of the call: answered, busy, no_answer, failed or ended."""
        await self._tell(call, state, {"event": state})

    async def close(self) -> None:
        for task in self._answers:
            task.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)
        await super().close()

    async def _look(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True}) if self._is_signed(request, b"") else _error(401, "wrong signature")

    async def _call(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self._is_signed(request, body):
            return _error(401, "wrong signature")
        fault = self.faults.take()
        if fault is None:
            return self._accept(json.loads(body))
        usual = self._accept(json.loads(body)) if fault.proceeds else web.Response()
        return await self.misbehave(request, fault, _error(fault.status, fault.message) if fault.status else usual)

    def _is_signed(self, request: web.Request, body: bytes) -> bool:
        stamp, given = request.headers.get(STAMP, ""), request.headers.get(SIGNATURE, "")
        is_recent = stamp.isdecimal() and abs(wall_now().timestamp() - int(stamp)) < _OFF_SECONDS
        return is_recent and hmac.compare_digest(signature(self.secret, stamp, body), given)

    def _accept(self, said: dict[str, Any]) -> web.Response:
        self.asked += 1
        if not E164.fullmatch(said["number"]):
            return _error(422, "no such number")
        if all(call.id != said["call"] for call in self.inbox.messages):
            self._ring(said)
        return web.json_response({"id": f"voice-{said['call'][:8]}"}, status=202)

    def _ring(self, said: dict[str, Any]) -> None:
        call = ReceivedCall(
            id=said["call"],
            to=said["number"],
            text=said["text"],
            locale=said["locale"],
            callback=said["callback_url"],
            keys=tuple(said["keys"]),
            at=self._now(),
            monotonic=time.monotonic(),
        )
        self.inbox.add(call)
        if call.to in self.busy_numbers:
            self._answers.add(asyncio.create_task(self.report(call, "busy")))

    async def _tell(self, call: ReceivedCall, state: str, said: dict[str, str]) -> str:
        """Say it to Vigie, again and again while it can't take it."""
        if not call.callback:
            self._keep(call, state, "")
            return ""
        body = json.dumps({"call": call.id, **said}).encode()
        async with aiohttp.ClientSession() as session:
            for _ in range(_TRIES):
                headers = {"Content-Type": "application/json", **signed(self.secret, wall_now().timestamp(), body)}
                async with session.post(call.callback, data=body, headers=headers) as answer:
                    if answer.status < 500:
                        told = await answer.json(content_type=None)
                        words = str(told.get("say", "") or told.get("detail", ""))
                        self._keep(call, state, words)
                        return words
                await asyncio.sleep(0.05)
        raise TimeoutError(f"{call.callback} takes nothing")

    def _keep(self, call: ReceivedCall, state: str, heard: str) -> None:
        place = next(number for number, one in enumerate(self.inbox.messages) if one.id == call.id)
        before = self.inbox.messages[place]
        self.inbox.messages[place] = replace(before, state=state, heard=heard or before.heard)
        for told in self._changed:
            told(self.inbox.messages[place])


def _error(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
