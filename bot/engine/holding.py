"""What a process has taken and not sent yet: is it still its own, and still wanted? Asked just before it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.engine.context import Context
from bot.engine.patience import patiently
from domain.clock import Clock
from storage import claims, notifications
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction

LEASE_SECONDS = 35.0
"""Longer than any send may take: what a process that died was sending is another's after this."""
SEND_SECONDS = 25.0
FRESH_SECONDS = 0.02
"""Whether a page is still wanted is asked again, just before it leaves, when the last answer is older than this."""
RENEWED_SECONDS = 5.0
"""A lease that is older is renewed before a send begins, so that it outlasts the send: a process that was frozen finds
here that what it had is another's."""


class Holding:
    """One claim's parcels, with what they are about. They are held since `taken_at` and their pages were wanted at
    `asked_at`, in seconds of the loop's clock."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        parcels: Sequence[Parcel],
        context: Context,
        *,
        taken_at: float,
        asked_at: float,
    ) -> None:
        self._store = store
        self._clock = clock
        self.parcels = tuple(parcels)
        self.context = replace(context, is_wanted=self._is_wanted, is_still_due=self._is_still_due)
        self._held = frozenset(parcel.id for parcel in parcels)
        self._held_at = taken_at
        self._pages = {parcel.subject for parcel in parcels if parcel.kind is Kind.PAGE}
        """Those that have not left and are still wanted."""
        self._asked_at = asked_at
        self._asking = asyncio.Lock()

    async def until(self, parcel: Parcel) -> float | None:
        """When a send of `parcel` that begins now has to be over, None when it must not begin."""
        async with self._asking:
            while self._age(self._held_at) > RENEWED_SECONDS or not self._is_fresh(parcel):
                await (self._renew() if self._age(self._held_at) > RENEWED_SECONDS else self._ask())
        if parcel.id not in self._held or (parcel.kind is Kind.PAGE and parcel.subject not in self._pages):
            return None
        self._pages.discard(parcel.subject)
        return self._held_at + RENEWED_SECONDS + SEND_SECONDS

    def _age(self, seconds: float) -> float:
        return asyncio.get_running_loop().time() - seconds

    def _is_fresh(self, parcel: Parcel) -> bool:
        return parcel.kind is not Kind.PAGE or self._age(self._asked_at) <= FRESH_SECONDS

    async def _renew(self) -> None:
        """For the whole claim at once, with the question whether its pages are still wanted. It is held from when the
        lease was given: if it counted from when the database was asked, one that is slow is asked ever more."""
        loop, ids = asyncio.get_running_loop(), list(self._pages)
        held = [parcel for parcel in self.parcels if parcel.id in self._held]

        def work(tx: Transaction) -> tuple[float, frozenset[int], frozenset[str]]:
            return loop.time(), self._renewed(tx, held), notifications.wanted(tx, ids)

        self._held_at, self._held, wanted = await patiently(lambda: self._store.write(work))
        self._pages, self._asked_at = set(wanted), loop.time()

    def _renewed(self, tx: Transaction, parcels: Sequence[Parcel]) -> frozenset[int]:
        return claims.renew(tx, parcels, self._clock.now() + self._clock.span(LEASE_SECONDS))

    async def _is_still_due(self, parcel: Parcel) -> bool:
        """Whether a parcel is still this process's, and wanted if it is a page."""
        held = await patiently(lambda: self._store.write(partial(self._renewed, parcels=[parcel])))
        return bool(held) and (parcel.kind is not Kind.PAGE or await self._is_wanted(parcel.subject))

    async def _is_wanted(self, page: str) -> bool:
        return page in await patiently(lambda: self._store.read(lambda tx: notifications.wanted(tx, [page])))

    async def _ask(self) -> None:
        """For all pages that wait. They go with the answer, however long it took: if each asked anew then, a database
        that is slow for a moment is asked ever more, and no page leaves."""
        ids = list(self._pages)
        self._pages = set(await patiently(lambda: self._store.read(lambda tx: notifications.wanted(tx, ids))))
        self._asked_at = asyncio.get_running_loop().time()
