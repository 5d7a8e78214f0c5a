"""The report of a drill, in its thread: in words that the channel sees, and as a file."""

from __future__ import annotations

from datetime import datetime

from blocks import drill_report as looks
from bot.engine.thread_files import ThreadFile, put
from bot.notifiers.base import Chat
from domain.clock import Clock
from handlers.drills.record import record
from storage import incidents
from storage.messages import Place
from storage.outbox import Parcel
from storage.store import Store


class DrillFiles:
    """Puts them there. `locale` is for teams that have none."""

    def __init__(self, store: Store, slack: Chat, clock: Clock, locale: str) -> None:
        self._store = store
        self._slack = slack
        self._clock = clock
        self._locale = locale

    async def deliver(self, parcel: Parcel, card: Place | None, since: datetime) -> str:
        """Put the report under `card`; the file's id. Raises DeliveryError, CardMissing.

        `since` is the world's time before which it can't have gone out.
        """
        return await put(self._slack, parcel, card, since, lambda: self._made(parcel.incident))

    async def _made(self, incident: str) -> ThreadFile:
        found = await self._store.read(lambda tx: record(tx, incidents.look_up(tx, incident), self._clock.now()))
        locale = found.locale or self._locale
        return ThreadFile(
            looks.name(found.incident), looks.document(found, locale), looks.summary(found, locale), locale
        )
