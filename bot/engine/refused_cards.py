"""Channels that refused a card, tried again every other minute: nobody tells Vigie when one was unarchived, or when it
was invited."""

from __future__ import annotations

from collections.abc import Callable

from domain.clock import Clock
from domain.troubles import BROKEN_PLACES, channel_of
from storage import refused_cards, troubles
from storage.store import Store, Transaction

EVERY_SECONDS = 120.0


class RefusedCards:
    """Tries one card of each channel. `wake` is called when there is something to send."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def look(self) -> None:
        """Let a card of each broken channel leave; once one is there, the rest follow it."""
        broken = await self._store.read(_broken)
        if broken:
            await self._store.write(lambda tx: self._try(tx, broken))
            self._wake()

    def _try(self, tx: Transaction, broken: list[str]) -> None:
        for channel in broken:
            refused_cards.put_back(tx, channel, self._clock.now(), limit=1)


def _broken(tx: Transaction) -> list[str]:
    lasting = (one.name for one in troubles.listed(tx) if one.trouble in BROKEN_PLACES)
    return [channel for name in lasting if (channel := channel_of(name))]
