"""What Slack told of its users' languages, kept: a page at night is written with no time to ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from domain.clock import Clock
from storage import readers
from storage.store import Store

FRESH = timedelta(days=1)
"""How long what Slack told is believed; people change their language rarely."""
_AT_ONCE = 20
"""How many are asked about in one go: users.info takes a hundred a minute (Slack, web-api-rate-limits, tier 4)."""


class ReaderService:
    """Keeps readers' languages. `wake` is called after each: the directory is another, and whoever looks at that is to
    look."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def remember(self, user: str, locale: str) -> None:
        """Keep what Slack says somebody reads, such as "fr-FR"."""
        await self._store.write(lambda tx: readers.put(tx, user, locale, self._clock.now()))
        self._wake()

    async def to_ask(self) -> list[str]:
        """Slack users whom nobody has asked about for a day: people of the catalog, and whoever clicked before."""
        before = self._clock.now() - FRESH
        return await self._store.read(lambda tx: readers.stale(tx, before, _AT_ONCE))
