"""Socket Mode's far side: tickets, sockets, envelopes, the ack clock and the redelivery of events."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

from aiohttp import WSMsgType, web

from bot.demo.errors import Unacknowledged

JSON = dict[str, Any]
EnvelopeType = Literal["events_api", "slash_commands", "interactive"]
MAX_CONNECTIONS = 10


@dataclass
class Envelope:
    """One delivery to one socket, with what became of it."""

    id: str
    type: EnvelopeType
    payload: JSON
    attempt: int
    socket: int | None
    sent_at: float
    acked_at: float | None = None
    response: JSON | None = None

    @property
    def latency(self) -> float | None:
        """Seconds from sending to ack."""
        return None if self.acked_at is None else self.acked_at - self.sent_at


@dataclass(eq=False)
class Link:
    """One open websocket of the app."""

    number: int
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    draining: bool = False
    delivered: list[Envelope] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class SocketHub:
    """Hands every envelope to exactly one open socket and watches the clock until it is acked."""

    def __init__(
        self,
        app_id: str,
        *,
        ack_timeout: float,
        retry_delays: tuple[float, ...],
        now: Callable[[], float],
    ) -> None:
        self.app_id = app_id
        self.ack_timeout = ack_timeout
        self.retry_delays = retry_delays
        self.links: list[Link] = []
        self.envelopes: list[Envelope] = []
        self.unacked: list[Envelope] = []
        self.stray_acks: list[str] = []
        self.most = MAX_CONNECTIONS
        """How many there may be: one more is turned away."""
        self.is_mute = False
        """Whether connections are taken, and nothing is said on them."""
        self.tickets = 0
        """How many connections were asked for."""
        self._now = now
        self._tickets: set[str] = set()
        self._numbers = count(1)
        self._turn = count()
        self._pending: dict[str, tuple[Envelope, asyncio.Future[None]]] = {}
        self._redeliveries: set[asyncio.Task[None]] = set()
        self._connected = asyncio.Event()

    @property
    def ack_latencies(self) -> list[float]:
        """Seconds each acked envelope took, in order of sending."""
        return [latency for envelope in self.envelopes if (latency := envelope.latency) is not None]

    # -- connections ---------------------------------------------------------------------------------

    def new_ticket(self) -> str:
        """A ticket for one connection."""
        ticket = secrets.token_urlsafe(12)
        self.tickets += 1
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The life of one socket, from its ticket to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404, text="ticket unknown or used")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(timeout=1.0)
        await socket.prepare(request)
        if len(self.links) >= self.most:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        link = Link(next(self._numbers), socket, request.transport)
        self.links.append(link)
        if not self.is_mute:
            await self._greet(link)
        try:
            await self._listen(link)
        finally:
            self._forget(link)
        return socket

    async def _greet(self, link: Link) -> None:
        await link.socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self.links),
                "connection_info": {"app_id": self.app_id},
                "debug_info": {
                    "host": "applink-1",
                    "build_number": 1,
                    "approximate_connection_time": 18060,
                },
            }
        )
        self._connected.set()

    async def _listen(self, link: Link) -> None:
        async for frame in link.socket:
            if frame.type is WSMsgType.TEXT:
                self._acknowledge(json.loads(frame.data))

    def _forget(self, link: Link) -> None:
        link.gone.set()
        self.links.remove(link)
        if not self.links:
            self._connected.clear()

    async def wait_connected(self, connections: int = 1, timeout: float = 30.0) -> None:
        """Return once that many sockets are open."""
        async with asyncio.timeout(timeout):
            while len(self.links) < connections:
                self._connected.clear()
                await self._connected.wait()

    async def recycle(
        self,
        link: Link | None = None,
        *,
        reason: Literal["warning", "refresh_requested", "link_disabled"] = "refresh_requested",
        grace: float = 10.0,
    ) -> None:
        """End a connection as Slack does every few hours; the oldest one when none is named."""
        link = link or self.links[0]
        link.draining = True
        await link.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}})
        try:
            await asyncio.wait_for(link.gone.wait(), grace)
        except TimeoutError:
            await link.socket.close()

    def drop(self, link: Link | None = None) -> None:
        """Cut the TCP connection without a word; every one of them when none is named."""
        for broken in [link] if link else list(self.links):
            broken.draining = True
            if broken.transport is not None:
                broken.transport.abort()

    # -- envelopes -----------------------------------------------------------------------------------

    async def deliver(self, kind: EnvelopeType, payload: JSON) -> JSON | None:
        """Send a command or an interaction; the ack's payload, or Unacknowledged."""
        link = self._next_link()
        if link is None:
            self._lost(kind, payload, attempt=0)
            raise Unacknowledged("dispatch_failed: the app has no open socket")
        envelope = await self._send(link, kind, payload, attempt=0)
        if envelope.acked_at is None:
            raise Unacknowledged(f"operation_timeout: no ack of {_describe(payload)} in {self.ack_timeout} s")
        return envelope.response

    async def deliver_event(self, payload: JSON) -> bool:
        """Send an event; redelivery goes on behind when it is not acked. Whether the first try was."""
        if await self._try_event(payload, attempt=0):
            return True
        task = asyncio.create_task(self._redeliver(payload))
        self._redeliveries.add(task)
        task.add_done_callback(self._redeliveries.discard)
        return False

    async def _redeliver(self, payload: JSON) -> None:
        for attempt, delay in enumerate(self.retry_delays, start=1):
            await asyncio.sleep(delay)
            if await self._try_event(payload, attempt=attempt):
                return

    async def _try_event(self, payload: JSON, *, attempt: int) -> bool:
        link = self._next_link()
        if link is None:
            self._lost("events_api", payload, attempt=attempt)
            return False
        envelope = await self._send(link, "events_api", payload, attempt=attempt)
        return envelope.acked_at is not None

    def _next_link(self) -> Link | None:
        """The socket whose turn it is, those being closed last."""
        open_links = [link for link in self.links if not link.socket.closed]
        preferred = [link for link in open_links if not link.draining] or open_links
        return preferred[next(self._turn) % len(preferred)] if preferred else None

    def _lost(self, kind: EnvelopeType, payload: JSON, *, attempt: int) -> None:
        envelope = Envelope(secrets.token_hex(8), kind, payload, attempt, None, self._now())
        self.envelopes.append(envelope)
        self.unacked.append(envelope)

    async def _send(self, link: Link, kind: EnvelopeType, payload: JSON, *, attempt: int) -> Envelope:
        envelope = Envelope(secrets.token_hex(8), kind, payload, attempt, link.number, self._now())
        acked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending[envelope.id] = (envelope, acked)
        self.envelopes.append(envelope)
        link.delivered.append(envelope)
        try:
            await link.socket.send_json(_frame(envelope))
            await asyncio.wait_for(acked, self.ack_timeout)
        except (TimeoutError, ConnectionError):
            self.unacked.append(envelope)
        finally:
            del self._pending[envelope.id]
        return envelope

    def _acknowledge(self, frame: JSON) -> None:
        envelope_id = str(frame.get("envelope_id", ""))
        envelope, acked = self._pending.get(envelope_id, (None, None))
        if envelope is None or acked is None or acked.done():
            self.stray_acks.append(envelope_id)
            return
        envelope.acked_at = self._now()
        envelope.response = frame.get("payload")
        acked.set_result(None)

    async def close(self) -> None:
        """Stop redelivering and close every socket."""
        for task in list(self._redeliveries):
            task.cancel()
        await asyncio.gather(*self._redeliveries, return_exceptions=True)
        for link in list(self.links):
            await link.socket.close()


def _frame(envelope: Envelope) -> JSON:
    frame: JSON = {
        "envelope_id": envelope.id,
        "type": envelope.type,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.type != "events_api",
    }
    if envelope.type == "events_api":
        frame["retry_attempt"] = envelope.attempt
        frame["retry_reason"] = "timeout" if envelope.attempt else ""
    return frame


def _describe(payload: JSON) -> str:
    """Enough of a payload to find the listener that did not answer."""
    actions = [action.get("action_id") for action in payload.get("actions", [])]
    callback = payload.get("view", {}).get("callback_id") or payload.get("callback_id")
    name = payload.get("command") or actions or callback or ""
    return f"{payload.get('type', 'command')} {name}".strip()
