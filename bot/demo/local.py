"""An HTTP server on this machine alone, and how it fails on command."""

from __future__ import annotations

import asyncio
from typing import Self

from aiohttp import web

from bot.demo.provider_faults import Fault


class LocalServer:
    """Base of the HTTP far sides: `async with` starts it on 127.0.0.1 and stops it."""

    def __init__(self) -> None:
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.port = 0

    def application(self) -> web.Application:
        """The routes; each far side has its own."""
        return web.Application()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen on `port`, or on a free one for 0."""
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def misbehave(self, request: web.Request, fault: Fault, usual: web.Response) -> web.Response:
        """The answer of a request that goes wrong; `usual` is what it would have been."""
        if fault.delay:
            await self._sleep(fault.delay)
        if fault.cut and request.transport:
            request.transport.abort()
        return usual

    async def _sleep(self, seconds: float) -> None:
        """Wait, but not past the server's own end."""
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return
