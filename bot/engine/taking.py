"""Which parcels a process takes: those that are due, wanted and have room in their lane, and what others have lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bot.engine.context import Context, load
from bot.engine.holding import LEASE_SECONDS, Holding
from bot.engine.lanes import Lanes
from domain.clock import Clock
from domain.errors import Unavailable
from domain.incidents import Status
from domain.notifications import NotificationState
from storage import claims, notifications, outbox
from storage.identifiers import new_id
from storage.outbox import Kind, Parcel
from storage.presence import Presence, living
from storage.store import Store, Transaction

MOST_AT_ONCE = 200
A_FEW = 10
PAGES_FIRST_SECONDS = 0.25
"""When many pages leave at once, what edits cards lets them pass."""


class Taking:
    """Claims with a lease. What was claimed stays in hand until its outcome is on the disk."""

    def __init__(self, store: Store, clock: Clock, lanes: Lanes) -> None:
        self._store = store
        self._clock = clock
        self.lanes = lanes
        self.holder = new_id()
        self.presence = Presence(store, self.holder)
        self._in_hand: set[int] = set()
        self._is_in_doubt = False
        """The answer to a claim was lost: it may have been made."""
        self._pages_first_until = 0.0

    async def take_over(self) -> bool:
        """Give back what a process that died was sending; whether there was anything. SQLite has no other process,
        PostgreSQL knows who lives."""
        if self._store.is_sqlite:
            return await self._store.write(lambda tx: claims.take_all(tx, self._clock.now(), self.holder)) > 0
        await self.presence.announce()
        seconds = asyncio.get_running_loop().time()
        return await self._store.write(lambda tx: self._inherit(tx, seconds)) > 0

    def _inherit(self, tx: Transaction, seconds: float) -> int:
        self.lanes.share(living(tx))
        dead = self.presence.gone(tx, seconds)
        return claims.inherit(tx, self._clock.now(), dead) if dead else 0

    async def take(self) -> tuple[Holding, bool]:
        """Claim what may leave now; whether there may be more."""
        seconds = asyncio.get_running_loop().time()
        try:
            parcels, context, is_full = await self._store.write(lambda tx: self._claim(tx, self._clock.now(), seconds))
        except Unavailable:
            self._is_in_doubt = True
            raise
        self._is_in_doubt = False
        self._in_hand |= {parcel.id for parcel in parcels}
        # SQLite has one writer: until the claim was on the disk nobody could acknowledge anything.
        asked_at = asyncio.get_running_loop().time() if self._store.is_sqlite else seconds
        return Holding(self._store, self._clock, parcels, context, taken_at=seconds, asked_at=asked_at), is_full

    def let_go(self, parcel: Parcel) -> None:
        """What became of `parcel` is written down, or never will be."""
        self._in_hand.discard(parcel.id)

    def next_due(self, tx: Transaction, now: datetime, seconds: float) -> datetime | None:
        """When something may leave that has room in its lane, or a lease runs out."""
        moments = [
            max(due, now + self._clock.span(self.lanes.wait(lane, seconds))) if self.lanes.wait(lane, seconds) else due
            for lane, due in outbox.next_dues(tx).items()
        ]
        lease = outbox.next_lease(tx)
        return min([*moments, *([lease] if lease else [])], default=None)

    def _claim(self, tx: Transaction, now: datetime, seconds: float) -> tuple[list[Parcel], Context, bool]:
        if self._is_in_doubt:
            claims.forget(tx, now, self.holder, self._in_hand)
        claims.reclaim(tx, now, self._in_hand)
        due, is_full = self._with_room(tx, now, seconds)
        if not self._store.is_sqlite:
            elsewhere = claims.in_others_threads(tx, due, self.holder)
            due = [parcel for parcel in due if parcel.id not in elsewhere]
        if not due:
            return [], Context(), False
        context = load(tx, due)
        going = self._still_wanted(tx, due, context)
        for parcel in going:
            self.lanes.take(parcel.lane, seconds)
        taken = claims.claim(tx, going, self.holder, now + self._clock.span(LEASE_SECONDS))
        # A page to the card's own channel hangs under the card: those of one claim go in that order.
        taken.sort(
            key=lambda parcel: parcel.kind is Kind.PAGE and context.notifications[parcel.subject].is_to_a_channel
        )
        return taken, context, is_full

    def _with_room(self, tx: Transaction, now: datetime, seconds: float) -> tuple[list[Parcel], bool]:
        """What is due in lanes that have room, and whether one of them had more than was taken."""
        due: list[Parcel] = []
        is_full = False
        for lane in outbox.lanes(tx):
            room = min(self.lanes.room(lane, seconds), MOST_AT_ONCE)
            found = outbox.due(tx, now, room, lane) if room else []
            is_full = is_full or len(found) == MOST_AT_ONCE
            due += found
        pages = [parcel for parcel in due if parcel.kind is Kind.PAGE]
        if len(pages) > A_FEW:
            self._pages_first_until = seconds + PAGES_FIRST_SECONDS
        if seconds < self._pages_first_until:
            due = pages
        return sorted(due, key=lambda parcel: (outbox.PRIORITY[parcel.kind], parcel.due_at, parcel.id)), is_full

    def _still_wanted(self, tx: Transaction, due: Sequence[Parcel], context: Context) -> list[Parcel]:
        """Without the pages of incidents that somebody has, and those that were cancelled: never one after an
        acknowledgement, nor to somebody who can't take it."""
        unwanted = [parcel for parcel in due if parcel.kind is Kind.PAGE and not _is_wanted(parcel, context)]
        if unwanted:
            outbox.finish(tx, [parcel.id for parcel in unwanted])
            cancelled = [
                (parcel.subject, NotificationState.CANCELLED, None, "", "")
                for parcel in unwanted
                if parcel.subject in context.notifications
                and context.notifications[parcel.subject].state is NotificationState.WAITING
            ]
            notifications.settle(tx, cancelled)
        gone = {parcel.id for parcel in unwanted}
        return [parcel for parcel in due if parcel.id not in gone]


def _is_wanted(parcel: Parcel, context: Context) -> bool:
    incident, page = context.incidents[parcel.incident], context.notifications.get(parcel.subject)
    is_waiting = page is not None and page.state is NotificationState.WAITING
    return incident.status is Status.TRIGGERED and is_waiting
