"""One process among those that send: what it takes, what others see of it, and what it takes over from the dead."""

from __future__ import annotations

import asyncio
import logging

from bot.engine.claims import Claim, Claims
from bot.engine.holding import Holding
from bot.engine.lanes import Lanes
from bot.engine.patience import patiently
from bot.engine.slack_watch import SlackWatch
from domain.clock import Clock
from domain.errors import Unavailable
from handlers.storms import holding as storms
from storage import claims
from storage.faults import UNDECIDABLE, UNREADABLE
from storage.identifiers import new_id
from storage.outbox import Kind, Parcel
from storage.presence import Presence, living
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

_FOR_MANY = (Kind.BUNDLE, Kind.ROUND_UP)


class Taking:
    """Claims with a lease. What was claimed stays in hand until its outcome is on the disk."""

    def __init__(self, store: Store, clock: Clock, lanes: Lanes, watch: SlackWatch) -> None:
        self._store = store
        self._clock = clock
        self.lanes = lanes
        self.holder = new_id()
        self.presence = Presence(store, self.holder)
        self.claims = Claims(lanes, clock, self.holder, lambda: watch.is_silent)

    async def take_over(self) -> bool:
        """Give back what a process that died was sending; whether there was anything. SQLite has no other process,
        PostgreSQL knows who lives."""
        if self._store.is_sqlite:
            return await self._store.write(lambda tx: claims.take_all(tx, self._clock.now(), self.holder)) > 0
        await self.presence.announce()
        seconds = asyncio.get_running_loop().time()
        return await self._store.write(lambda tx: self._inherit(tx, seconds)) > 0

    def _inherit(self, tx: Transaction, seconds: float) -> int:
        self.lanes.divide(living(tx))
        dead = self.presence.gone(tx, seconds)
        return claims.inherit(tx, self._clock.now(), dead) if dead else 0

    async def take(self) -> tuple[Holding, bool]:
        """Claim what may leave now; whether there may be more."""
        loop = asyncio.get_running_loop()
        seconds = loop.time()
        try:
            claim = await self._claim(seconds)
        except Unavailable:
            self.claims.is_in_doubt = True
            raise
        self.claims.is_in_doubt = self.claims.is_careful = False
        self.claims.in_hand |= {parcel.id for parcel in claim.parcels}
        for parcel in claim.parcels:
            self.lanes.left(parcel.lane, loop.time())
        await self._seal([parcel.subject for parcel in claim.parcels if parcel.kind in _FOR_MANY])
        # SQLite has one writer: until the claim was on the disk nobody could acknowledge anything.
        asked_at = loop.time() if self._store.is_sqlite else seconds
        holding = Holding(self._store, self._clock, claim.parcels, claim.context, taken_at=seconds, asked_at=asked_at)
        return holding, claim.is_full

    async def _seal(self, bundles: list[str]) -> None:
        """What comes from now on for the readers of these messages for many is in another. By itself, since whoever
        decides about readers may wait for these parcels."""
        try:
            if bundles:
                await patiently(lambda: self._store.write(lambda tx: storms.seal(tx, bundles, self._clock.now())))
        except UNDECIDABLE:
            if len(bundles) > 1:
                for one in bundles:
                    await self._seal([one])
            else:
                # What was taken with it is in hand, and would never leave.
                log.exception("what comes for the reader of %s can't be kept apart from it", *bundles)

    async def _claim(self, seconds: float) -> Claim:
        try:
            return await self._store.write(lambda tx: self.claims.take(tx, seconds))
        except UNREADABLE:
            self.claims.is_careful = True
            return await self._store.write(lambda tx: self.claims.take(tx, seconds))

    def let_go(self, parcel: Parcel) -> None:
        """What became of `parcel` is written down, or never will be."""
        self.claims.in_hand.discard(parcel.id)
        self.lanes.ended(parcel.lane, asyncio.get_running_loop().time())
