"""Events of Slack's, which come again when an answer is late: taken once, across restarts and processes."""

from __future__ import annotations

from domain.clock import Clock
from storage import tokens
from storage.store import Store

REMEMBERED_SECONDS = 3600.0
"""Slack sends an event again for about six minutes (docs.slack.dev, events-api)."""


class InboxService:
    """Knows the events of the last hour."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def take(self, event: str) -> bool:
        """Whether `event` comes for the first time; from now on it does not."""
        return await self._store.write(lambda tx: tokens.take_event(tx, event, self._clock.now()))

    async def forget(self) -> None:
        """Drop what is too old to come again."""
        before = self._clock.now() - self._clock.span(REMEMBERED_SECONDS)
        await self._store.write(lambda tx: tokens.forget_events(tx, before))
