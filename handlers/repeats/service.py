"""A request that brings an Idempotency-Key is carried out once; sent again, it gets the answer of the first time."""

from __future__ import annotations

from datetime import datetime

from domain.clock import Clock
from domain.errors import Conflict, Fault, Invalid
from storage import repeats
from storage.repeats import Answer
from storage.store import Store, Transaction

REMEMBERED_SECONDS = 24 * 3600.0
"""How long a key is known: what callers of other services expect (the draft of the IETF leaves it to each)."""
ABANDONED_SECONDS = 60.0
"""How long a request may take before whoever carried it out is taken for dead."""


class RepeatService:
    """Knows the requests of the last day."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def begin(self, key: str, request: str) -> Answer | None:
        """What it was answered before, None when it is to be carried out. `key` is the caller's own, `request` a
        digest of what is asked. Raises Conflict while the first is under way, and Invalid when `key` came with
        another request."""

        def work(tx: Transaction) -> Answer | None:
            now = self._clock.now()
            return None if repeats.begin(tx, key, request, now) else self._known(tx, key, request, now)

        return await self._store.write(work)

    def _known(self, tx: Transaction, key: str, request: str, now: datetime) -> Answer | None:
        found = repeats.find(tx, key)
        if found is not None and found.answer.status:
            if found.request != request:
                raise Invalid([Fault("Idempotency-Key", "was used for another request: choose a new one")])
            return found.answer
        if found is not None and now - found.begun_at < self._clock.span(ABANDONED_SECONDS):
            raise Conflict("a request with this Idempotency-Key is being carried out; ask again in a moment")
        repeats.begin_again(tx, key, request, now)
        return None

    async def answered(self, key: str, answer: Answer) -> None:
        """Keep the answer."""
        await self._store.write(lambda tx: repeats.answered(tx, key, answer))

    async def drop(self, key: str) -> None:
        """It was refused, or failed: it may be sent again, or mended."""
        await self._store.write(lambda tx: repeats.drop(tx, key))

    async def forget(self) -> None:
        """Drop the keys that nobody brings again."""
        before = self._clock.now() - self._clock.span(REMEMBERED_SECONDS)
        await self._store.write(lambda tx: repeats.forget(tx, before))


__all__ = ["Answer", "RepeatService"]
