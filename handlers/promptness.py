"""Whoever changes something by the API is answered soon, also while the database stands still; what was asked goes
on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.typedefs import Middleware

from domain.errors import Unavailable, VigieError
from handlers.errors import Handler

log = logging.getLogger(__name__)

PROMPTLY_SECONDS = 8.0
"""As long as whoever sends an alert waits at the most; counted from when the body is there."""
FINISH_SECONDS = 20.0
"""How long what nobody waits for any more is waited for at the end."""
_API = "/api/v1/"
_PATIENT = ("/api/v1/webhooks/", "/api/v1/tokens")
"""Webhooks have a patience of their own. A token is shown once: made behind an answer, nobody would ever have it."""
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Promptness:
    """A middleware, and what goes on behind the answers that it gave up."""

    def __init__(self, seconds: float = PROMPTLY_SECONDS) -> None:
        self._seconds = seconds
        self._kept: set[asyncio.Task[web.StreamResponse]] = set()

    @property
    def middleware(self) -> Middleware:
        """Carries each change out to its end in any case. Raises Unavailable when that takes too long."""

        @web.middleware
        async def prompt(request: web.Request, handler: Handler) -> web.StreamResponse:
            is_change = request.method in _CHANGES and request.path.startswith(_API)
            if not is_change or request.path.startswith(_PATIENT):
                return await handler(request)
            return await self._answer(request, handler)

        return prompt

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        task = asyncio.ensure_future(handler(request))
        self._kept.add(task)
        try:
            async with _from_the_body_on(request, self._seconds):
                return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.cancel()
            raise
        except Unavailable:
            if not task.done():
                task.add_done_callback(_noted)
            raise
        finally:
            task.add_done_callback(self._kept.discard)

    async def finish(self, _: web.Application) -> None:
        """Wait for what still goes on."""
        if self._kept:
            await asyncio.wait(self._kept, timeout=FINISH_SECONDS)


@asynccontextmanager
async def _from_the_body_on(request: web.Request, seconds: float) -> AsyncIterator[None]:
    """At most `seconds` after the body is there. Raises Unavailable."""
    loop, is_over = asyncio.get_running_loop(), False
    try:
        async with asyncio.timeout(None) as patience:
            request.content.on_eof(lambda: None if is_over else patience.reschedule(loop.time() + seconds))
            yield
    except TimeoutError:
        if patience.expired():
            raise Unavailable(
                "the database is busy: what was asked may still come to be; look, or ask again in a moment"
            ) from None
        raise
    finally:
        is_over = True


def _noted(task: asyncio.Future[web.StreamResponse]) -> None:
    """Nobody hears how it ended but the log."""
    error = None if task.cancelled() else task.exception()
    if isinstance(error, VigieError | web.HTTPException):
        log.warning("a request that was answered 503 did not come to be: %s", error)
    elif error:
        log.error("a request that was answered 503 failed", exc_info=error)
