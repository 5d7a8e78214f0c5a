"""Vigie's own HTTP: a port that patient and impatient callers share."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import resource
import socket
import sys
from collections.abc import Iterable

from aiohttp import web

from bot.connections import Runner
from domain.errors import VigieError
from handlers.web import application

log = logging.getLogger(__name__)

IDLE_SECONDS = 75
"""How long a connection may say nothing between two requests: longer than a reverse proxy keeps one for later."""
HEAD_SECONDS = 10
"""How long the lines before a body may take to arrive, as long as a body itself."""
ANSWER_SECONDS = 30
"""How long an answer may take to be taken."""
LINGER_SECONDS = 2
"""How long the rest of a refused body is thrown away, so that whoever sends it can read the refusal."""
WAITING = 1024
"""How many may wait to be taken in."""
AT_ONCE = 8
"""The part of those there may be that is taken in at once: those that make room are closed only some rounds of the loop
later, and each that finds no file is a line in asyncio's log."""


class Listener:
    """Listens from `start` to `stop`, at `routes`."""

    def __init__(
        self,
        routes: Iterable[web.RouteDef],
        head_seconds: float = HEAD_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        most: int | None = None,
    ) -> None:
        """`most` is how many connections there may be."""
        self.routes = tuple(routes)
        self._most = most or _room()
        self._runner = Runner(
            application(self.routes),
            access_log=None,
            shutdown_timeout=5,
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=LINGER_SECONDS,
            head_seconds=head_seconds,
            answer_seconds=answer_seconds,
            most=self._most,
        )

    async def start(self, host: str, port: int) -> int:
        """The port that it listens on. Raises VigieError when that can't be."""
        await self._runner.setup()
        site = _Site(self._runner, host, port, backlog=max(min(WAITING, self._most // AT_ONCE), 1))
        try:
            await site.start()
        except (OSError, UnicodeError) as error:
            await self._runner.cleanup()
            raise VigieError(_told(host, port, error)) from None
        taken = int(self._runner.addresses[0][1])
        log.info("Vigie listens on http://%s:%s", host, taken)
        return taken

    async def stop(self) -> None:
        """Take nothing more in."""
        await self._runner.cleanup()


class _Site(web.TCPSite):
    """Takes few in at once, which asyncio has as one number with how many may wait, and lets many wait."""

    __slots__ = ()

    async def start(self) -> None:
        await super().start()
        assert isinstance(self._server, asyncio.Server)
        for listening in self._server.sockets:
            with listening.dup() as same:
                same.listen(WAITING)


def _room() -> int:
    """Half of the files that this process may have open: pages go out over the others, whoever keeps these."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(allowed // 2, 1) if allowed != resource.RLIM_INFINITY else sys.maxsize


def _told(host: str, port: int, error: OSError | UnicodeError) -> str:
    """Why nothing can listen there, and what mends it."""
    known = {
        errno.EADDRINUSE: f"PORT: something listens on {host}:{port} already: end it, or take another port",
        errno.EACCES: f"PORT: this user may not listen on {port}: take one above 1023, behind a proxy",
        errno.EADDRNOTAVAIL: f"HOST: this machine has no address {host}: 0.0.0.0 takes all that it has",
        **dict.fromkeys(_NO_SUCH_HOST, f"HOST: nobody knows {host}: name an address of this machine, or 0.0.0.0"),
    }
    # asyncio leaves out addresses that the machine has not (3.13), and says without a number that none is left.
    number = (error.errno or errno.EADDRNOTAVAIL) if isinstance(error, OSError) else socket.EAI_NONAME
    reason = os.strerror(number).lower() if number > 0 else str(error)
    return known.get(number, f"PORT: {host}:{port} can't be used ({reason})")


_NO_SUCH_HOST = (socket.EAI_NONAME, socket.EAI_AGAIN)
