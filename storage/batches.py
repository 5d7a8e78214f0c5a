"""Work whose waiting items share a transaction, so that a burst costs few commits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from domain.errors import Unavailable
from storage.faults import Fault, is_outage
from storage.locks import is_held_elsewhere
from storage.store import Store, Transaction

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST_WAITING = 10_000
MOST_IN_VAIN = 2
"""How many that wait for somebody else's lock may hold up the rest of a batch: then it is more than their own."""


class Batches(Generic[Item, Result]):
    """Work whose waiting items share a transaction: one item costs one commit, a thousand cost few.

    `work(transaction, items)` answers one result an item. What it raises for several is tried one by one, so that a
    bad item fails alone, and one that somebody else holds; when the database itself is away all fail at once, for each
    would wait for it in turn.
    """

    def __init__(
        self,
        store: Store,
        work: Callable[[Transaction, list[Item]], list[Result]],
        most: int = 256,
        patience: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """At most `most` items share a transaction; `patience` says for how many seconds the first waits for others."""
        self._store = store
        self._work = work
        self._most = most
        self._patience = patience
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._running: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether items wait, or are being written."""
        return self._running is not None

    async def submit(self, item: Item) -> Result:
        """The result for `item`, once its transaction is on the disk. Whoever gives up waiting takes nothing back: it
        is written as soon as it can be. Raises Unavailable at once when very many wait."""
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable(Fault.BUSY.value)
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_heard)
        self._waiting.append((item, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await asyncio.shield(future)

    async def _run(self) -> None:
        while self._waiting:
            if seconds := self._patience():
                await asyncio.sleep(seconds)
            taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._commit(taken)
        self._running = None

    async def _commit(self, taken: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        error = await self._written(taken)
        if error is None:
            return
        if len(taken) == 1 or (is_outage(error) and not is_held_elsewhere(error)):
            _fail(taken, error)
        else:
            await self._one_by_one(taken)

    async def _written(self, taken: list[tuple[Item, asyncio.Future[Result]]]) -> BaseException | None:
        """Why these can't be written together; None when they are."""
        items = [item for item, _ in taken]
        outcome = await asyncio.gather(self._store.write(lambda tx: self._work(tx, items)), return_exceptions=True)
        results = outcome[0]
        if isinstance(results, BaseException):
            return results
        for (_, future), result in zip(taken, results, strict=True):
            _settle(future, result)
        return None

    async def _one_by_one(self, taken: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        in_vain = 0
        for place, one in enumerate(taken):
            if in_vain == MOST_IN_VAIN:
                # The rest may be free: it is tried as a whole, and waits once more at most.
                if (error := await self._written(taken[place:])) is not None:
                    _fail(taken[place:], error)
                return
            await self._commit([one])
            found = one[1].exception()
            in_vain += found is not None and is_held_elsewhere(found)


def _fail(taken: list[tuple[Item, asyncio.Future[Result]]], error: BaseException) -> None:
    for _, future in taken:
        _settle(future, error)


def _heard(future: asyncio.Future[Any]) -> None:
    """What went wrong was told to whoever waited, if anybody did."""
    if not future.cancelled():
        future.exception()


def _settle(future: asyncio.Future[Any], outcome: object) -> None:
    if future.done():
        return
    if isinstance(outcome, BaseException):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
