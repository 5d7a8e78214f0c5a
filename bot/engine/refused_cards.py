"""Channels that refused a card, tried again every other minute: nobody tells Vigie when one was unarchived, or when it
was invited. What is not counted on any more is forgotten: nothing would ever go there and say that it works."""

from __future__ import annotations

from collections.abc import Callable, Collection

from domain.clock import Clock
from domain.policies import Channel
from domain.troubles import BROKEN_PLACES, channel_of
from handlers.troubles import telling
from storage import refused_cards, troubles
from storage.store import Store, Transaction

EVERY_SECONDS = 120.0


class RefusedCards:
    """Tries one card of each channel. `wake` is called when there is something to send; `channels` are those that are
    set up."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None], channels: Collection[Channel]) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._wake = wake

    async def look(self) -> None:
        """Let a card of each broken channel leave; once one is there, the rest follow it."""
        moot, broken = await self._store.read(lambda tx: (telling.moot(tx, self._channels), _broken(tx)))
        if moot:
            await self._store.write(lambda tx: troubles.forget(tx, moot))
        if broken:
            await self._store.write(lambda tx: self._try(tx, broken))
            self._wake()

    def _try(self, tx: Transaction, broken: list[str]) -> None:
        for channel in broken:
            refused_cards.put_back(tx, channel, self._clock.now(), limit=1)


def _broken(tx: Transaction) -> list[str]:
    lasting = (one.name for one in troubles.listed(tx) if one.trouble in BROKEN_PLACES)
    return [channel for name in lasting if (channel := channel_of(name))]
