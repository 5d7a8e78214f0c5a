"""One open page: all there is at first, then every change, over a WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.demo.discord import DiscordMessage
from bot.demo.mail import ReceivedMail
from bot.demo.phone_network import ReceivedSms
from bot.demo.records import JSON, Change, Channel, Message, View
from bot.demo.voice import ReceivedCall
from bot.demo.workspace import Workspace

GATHER_SECONDS = 0.03
"""Changes within this long travel together: a storm edits a card many times before anybody can read it."""


@dataclass(eq=False)
class Tab:
    """One browser tab. What waits to be sent is one frame a thing, its newest: a tab that sleeps costs no memory."""

    socket: web.WebSocketResponse
    waiting: dict[Hashable, JSON] = field(default_factory=dict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, key: Hashable, frame: JSON) -> None:
        self.waiting.pop(key, None)
        self.waiting[key] = frame
        self.woken.set()

    async def write(self) -> None:
        """Send what waits, as long as the tab is open."""
        while not self.socket.closed:
            await self.woken.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self.woken.clear()
            frames = list(self.waiting.values())
            self.waiting.clear()
            await self.socket.send_json(frames)


class Live:
    """Every open tab, and how the world looks on the wire."""

    def __init__(self, workspace: Workspace, everything: Callable[[], JSON]) -> None:
        """`everything` is what a tab gets besides the workspace when it opens."""
        self._workspace = workspace
        self._everything = everything
        self._tabs: set[Tab] = set()
        workspace.subscribe(self._changed)

    async def serve(self, request: web.Request, hear: Callable[[JSON], Any]) -> web.WebSocketResponse:
        """The life of one tab; `hear` takes what it asks for and gives the answer."""
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=1 << 21)
        await socket.prepare(request)
        tab = Tab(socket)
        tab.put("everything", {"type": "everything", **self.snapshot()})
        self._tabs.add(tab)
        writing = asyncio.create_task(tab.write())
        errands: set[asyncio.Task[None]] = set()
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    errand = asyncio.create_task(self._run(tab, frame.json(), hear))
                    errands.add(errand)
                    errand.add_done_callback(errands.discard)
        finally:
            self._tabs.discard(tab)
            writing.cancel()
            await asyncio.gather(writing, *errands, return_exceptions=True)
        return socket

    async def _run(self, tab: Tab, wish: Any, hear: Callable[[JSON], Any]) -> None:
        number = wish.get("id") if isinstance(wish, dict) else None
        tab.put(("answer", number), {"type": "answer", "id": number, **await hear(wish)})

    async def close(self) -> None:
        """Let every tab go."""
        for tab in list(self._tabs):
            await tab.socket.close()

    def tell(self, key: Hashable, frame: JSON) -> None:
        """A change, to every tab; of several with one `key` the newest counts."""
        for tab in self._tabs:
            tab.put(key, frame)

    # -- how things look on the wire -----------------------------------------------------------------

    def snapshot(self) -> JSON:
        workspace = self._workspace
        return {
            "workspace": {"name": workspace.name, "bot": workspace.bot.id},
            "users": [
                {"id": user.id, "name": user.name, "real_name": user.real_name, "is_bot": user.is_bot}
                for user in workspace.users.values()
                if not user.deleted
            ],
            "channels": [channel_json(channel) for channel in workspace.channels.values()],
            "messages": [self._message(message) for message in workspace.messages if not message.deleted],
            "modals": {user: self._views(user) for user in workspace.modals},
            "homes": {user: view_json(view) for user, view in workspace.homes.items()},
            **self._everything(),
        }

    def _changed(self, change: Change) -> None:
        subject = change.subject
        if isinstance(subject, Message):
            key = ("message", subject.channel, subject.ts)
            if subject.deleted:
                self.tell(key, {"type": "gone", "channel": subject.channel, "ts": subject.ts})
            else:
                self.tell(key, {"type": "message", "message": self._message(subject)})
        elif isinstance(subject, Channel):
            self.tell(("channel", subject.id), {"type": "channel", "channel": channel_json(subject)})
        elif isinstance(subject, View) and subject.type == "home":
            self.tell(("home", subject.user), {"type": "home", "user": subject.user, "view": view_json(subject)})
        elif isinstance(subject, View):
            modals = {"type": "modals", "user": subject.user, "views": self._views(subject.user)}
            self.tell(("modals", subject.user), modals)

    def _message(self, message: Message) -> JSON:
        pinned = (message.channel, message.ts) in self._workspace.pins
        extra = {"channel": message.channel, "ephemeral_for": message.ephemeral_for, "pinned": pinned}
        return message.to_json(with_metadata=False) | extra

    def _views(self, user: str) -> list[JSON]:
        return [view_json(view) for view in self._workspace.modals.get(user, [])]


def channel_json(channel: Channel) -> JSON:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "members": channel.members,
        "archived": channel.archived,
        "topic": channel.topic,
    }


def view_json(view: View) -> JSON:
    shown = {name: view.body.get(name) for name in ("title", "submit", "close", "submit_disabled")}
    return {"id": view.id, "hash": view.hash, "blocks": view.blocks, "values": view.values, **shown}


def sms_json(sms: ReceivedSms) -> JSON:
    return {"id": sms.reference, "to": sms.to, "text": sms.text, "sender": sms.sender, "at": sms.at.timestamp()}


def call_json(call: ReceivedCall) -> JSON:
    """A call as it stands; what can be pressed while it rings."""
    said = {"text": call.text, "state": call.state, "heard": call.heard, "keys": list(call.keys)}
    return {"id": call.id, "to": call.to, "at": call.at.timestamp(), **said}


def post_json(post: DiscordMessage) -> JSON:
    """A Discord message as it stands."""
    return {"id": post.reference, "text": post.text, "at": post.at.timestamp()}


def mail_json(number: int, mail: ReceivedMail) -> JSON:
    """A mail without its HTML, which has an address of its own."""
    said = {"subject": mail.subject, "text": mail.text, "has_html": bool(mail.html)}
    return {"id": number, "to": mail.to, "from": mail.sender, "at": mail.at.timestamp(), **said}
