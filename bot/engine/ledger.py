"""Outcomes written down, many in one transaction, and told to whoever counts them."""

from __future__ import annotations

from collections.abc import Callable

from bot.engine.outcomes import Outcome, record
from storage.store import Batches, Store

Told = Callable[[Outcome], None]
MANY = 16
GATHERING_SECONDS = 0.02
"""How long a receipt waits for those of other sends, while many are on their way: a writing costs a dozen statements,
and they would take the time that the pages need. A crash meanwhile may send again what had no receipt yet."""


class Ledger:
    """`told` hears of an outcome once it is on the disk; `in_flight` says how many sends are on their way."""

    def __init__(self, store: Store, told: Told, in_flight: Callable[[], int]) -> None:
        self._batches: Batches[Outcome, None] = Batches(
            store, record, patience=lambda: GATHERING_SECONDS if in_flight() > MANY else 0
        )
        self._told = told

    async def submit(self, outcome: Outcome) -> None:
        """Write `outcome` down."""
        await self._batches.submit(outcome)
        self._told(outcome)
