"""Connections to a server by its name: what the name means is looked up once for all who wait, and of its addresses the
first that answers is taken."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohappyeyeballs

Address = tuple[int, int, int, str, tuple[Any, ...]]
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]

_NEXT_SECONDS = 0.25
"""After so long without an answer the next address is tried beside it (RFC 8305 §5): an IPv6 that leads nowhere says
nothing for two minutes."""


async def resolved(host: str, port: int) -> Sequence[Address]:
    """What the system knows of a name. Raises OSError."""
    return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)


class Dialler:
    """Dials one server."""

    def __init__(self, host: str, port: int, resolve: Resolve = resolved) -> None:
        self._host = host
        self._port = port
        self._resolve = resolve
        self._looking: asyncio.Future[Sequence[Address]] | None = None

    async def dial(self) -> socket.socket:
        """A connected socket. Raises OSError."""
        return await aiohappyeyeballs.start_connection(await self._found(), happy_eyeballs_delay=_NEXT_SECONDS)

    async def _found(self) -> Sequence[Address]:
        """A look-up that hangs keeps one of the few threads that all look-ups share, and not one for each mail."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._resolve(self._host, self._port))
            self._looking.add_done_callback(_seen)
        return await asyncio.shield(self._looking)


def _seen(looking: asyncio.Future[Sequence[Address]]) -> None:
    """Nobody may wait for it any more: that it failed is no fault then."""
    if not looking.cancelled():
        looking.exception()
