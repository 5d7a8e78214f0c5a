"""One after another, in the order they asked: what an incident's thread needs, and requests that are the same one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Things of one name go one after another, in the order they asked; nothing is kept of idle ones."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._asking: Counter[str] = Counter()

    @asynccontextmanager
    async def of(self, name: str) -> AsyncIterator[None]:
        """Wait for the turn of `name`."""
        lock = self._locks.setdefault(name, asyncio.Lock())
        self._asking[name] += 1
        try:
            async with lock:
                yield
        finally:
            self._asking[name] -= 1
            if not self._asking[name]:
                del self._asking[name], self._locks[name]
