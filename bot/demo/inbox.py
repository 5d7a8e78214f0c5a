"""What a far side received, and waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """Messages in the order of their arrival."""

    def __init__(self) -> None:
        self.messages: list[T] = []
        self._arrival = asyncio.Event()
        self._subscribers: list[Callable[[T], None]] = []

    def __len__(self) -> int:
        return len(self.messages)

    def add(self, message: T) -> None:
        self.messages.append(message)
        for told in self._subscribers:
            told(message)
        self._arrival.set()
        self._arrival = asyncio.Event()

    def subscribe(self, told: Callable[[T], None]) -> None:
        """Be told of every message from now on."""
        self._subscribers.append(told)

    def clear(self) -> None:
        self.messages.clear()

    async def wait_for(self, wanted: Callable[[T], bool] = lambda _: True, timeout: float = 30.0) -> T:
        """The first message `wanted`, already here or arriving within `timeout` seconds."""
        await self._until(lambda: any(map(wanted, self.messages)), timeout, "the one wanted")
        return next(filter(wanted, self.messages))

    async def wait_for_count(self, count: int, timeout: float = 30.0) -> list[T]:
        """All messages, once there are `count` of them."""
        await self._until(lambda: len(self.messages) >= count, timeout, f"{count}")
        return list(self.messages)

    async def _until(self, ready: Callable[[], bool], timeout: float, what: str) -> None:
        try:
            async with asyncio.timeout(timeout):
                while not ready():
                    await self._arrival.wait()
        except TimeoutError:
            raise TimeoutError(f"waited {timeout} s for {what}; here are {self.messages[-20:]}") from None
