"""Connections that cost little, whoever is at the other end: what is not HTTP is refused in the form of all refusals
with one line in the log, and whoever sends or reads too slowly is let go of."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import BadStatusLine, HttpProcessingError, InvalidHeader, InvalidURLError, LineTooLong

from handlers.compression import Request
from handlers.errors import problem
from handlers.web import HARDENED

log = logging.getLogger(__name__)


class Connection(web.RequestHandler):
    """One connection. A request's head must be whole `head_seconds` after its first byte, the first one after the
    connection is made; an answer must be taken within `answer_seconds`."""

    __slots__ = ("_answer_seconds", "_deadline", "_head_seconds")

    def __init__(self, *given: Any, head_seconds: float, answer_seconds: float, **kept: Any) -> None:
        super().__init__(*given, **kept)
        self._head_seconds = head_seconds
        self._answer_seconds = answer_seconds
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._expect_head()

    @property
    def is_idle(self) -> bool:
        """Whether it is open, and nobody waits for an answer on it."""
        return self._waiter is not None and self.transport is not None

    def connection_lost(self, exc: BaseException | None) -> None:
        self._forget_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        heads, is_between = self._request_count, self._waiter is not None
        super().data_received(data)
        if self._request_count > heads:
            self._forget_head()
            self._break_bodies()
        elif is_between and self._deadline is None:
            self._expect_head()

    def _break_bodies(self) -> None:
        """Nobody waits for the rest of a body in which came what is none: aiohttp puts that behind it as a request."""
        if not self._messages or isinstance(self._messages[-1][0], RawRequestMessage):
            return
        bodies = [body for _, body in self._messages]
        bodies += [self._current_request.content] if self._current_request else []
        for body in bodies:
            if not body.is_eof():
                body.set_exception(web.RequestPayloadError())

    def _expect_head(self) -> None:
        self._deadline = self._loop.call_later(self._head_seconds, self._give_up)

    def _forget_head(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        log.debug("%s did not send the head of a request within %g s", _address(self), self._head_seconds)
        self.force_close()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer, to whoever takes it. Whose versions it is made of is nobody's business."""
        resp.headers.setdefault("Server", "Vigie")
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await super().finish_response(request, resp, start_time)
        except TimeoutError:
            log.info("%s did not take an answer within %g s", request.remote, self._answer_seconds)
            if self.transport is not None:
                self.transport.abort()
            return resp, True

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is answered to what is not HTTP; an error of Vigie's own stays aiohttp's."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        said = _said(exc)
        log.info("%s sent what is not HTTP: %s", request.remote, said)
        refusal = problem(_status(exc), f"this is not HTTP: {said}")
        refusal.headers.update(HARDENED)
        refusal.force_close()
        return refusal

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """A body that breaks off has been refused already."""
        if not isinstance(kw.get("exc_info"), web.RequestPayloadError):
            super().log_exception(*args, **kw)


class Runner(web.AppRunner):
    """Runs an application on such connections, which have the same arguments as aiohttp's own and two more. Bodies are
    inflated when they are read: aiohttp does it for those too that are refused, and lets nothing else run meanwhile."""

    __slots__ = ()

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        requests = partial(self.app._make_request, _cls=Request)
        kept = {"loop": made._loop, **made._kwargs, "request_factory": requests, "auto_decompress": False}
        return _Connections(made.request_handler, **kept)


class _Connections(web.Server):
    """At most `most` at once: an idle one makes room for another, the oldest first."""

    def __init__(self, *given: Any, most: int, **kept: Any) -> None:
        super().__init__(*given, **kept)
        self._most = most

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        if len(self._connections) > self._most:
            idle = (one for one in self._connections if isinstance(one, Connection) and one.is_idle)
            if found := next(idle, None):
                found.force_close()
            else:
                # Later: it has not begun yet.
                self._loop.call_soon(handler.force_close)

    def __call__(self) -> Connection:
        return Connection(self, loop=self._loop, **self._kwargs)


def _address(connection: web.RequestHandler) -> object:
    return connection.peername[0] if isinstance(connection.peername, tuple) else connection.peername


def _status(error: HttpProcessingError) -> HTTPStatus:
    return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if isinstance(error, LineTooLong) else HTTPStatus.BAD_REQUEST


def _said(error: HttpProcessingError) -> str:
    """What is wrong, without the line itself: a token may be in it."""
    if "HTTPS traffic" in error.message:
        return "this port takes HTTP, and HTTPS came"
    found = (words for kind, words in _WORDS.items() if isinstance(error, kind))
    return next(found, " ".join(error.message.partition("\n\n")[0].split()).rstrip(":.")[:120])


_WORDS: dict[type[HttpProcessingError], str] = {
    LineTooLong: "a line is longer than 8190 bytes",
    InvalidURLError: "the address is no URL",
    InvalidHeader: "a header is not one",
    BadStatusLine: "the first line is not that of a request",
}
"""aiohttp's own words repeat what came."""
