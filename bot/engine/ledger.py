"""Outcomes written down, many in one transaction, and told to whoever counts them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.engine import bundle_outcomes
from bot.engine.outcomes import record
from bot.engine.patience import patiently
from bot.engine.results import Outcome
from handlers.incidents.other_ways import OtherWays
from storage import claims, incidents
from storage.batches import Batches
from storage.outbox import Kind
from storage.store import Store, Transaction

Told = Callable[[Outcome], None]
MANY = 16
GATHERING_SECONDS = 0.02
"""How long a receipt waits for those of other sends, while many are on their way: a writing costs a dozen statements,
and they would take the time that the pages need. A crash meanwhile may send again what had no receipt yet."""


class Ledger:
    """`told` hears of an outcome once it is on the disk; `ways` lead to whom a page did not reach."""

    def __init__(self, store: Store, told: Told, ways: OtherWays) -> None:
        self._batches: Batches[Outcome, None] = Batches(store, partial(_record, ways=ways), patience=self._patience)
        self.in_flight: Callable[[], int] = lambda: 0
        """How many sends are on their way; the sender knows."""
        self._told = told

    async def submit(self, outcome: Outcome) -> None:
        """Write `outcome` down, as soon as the database takes it: what has gone out must not go out again."""
        await patiently(lambda: self._batches.submit(outcome))
        self._told(outcome)

    def _patience(self) -> float:
        return GATHERING_SECONDS if self.in_flight() > MANY else 0.0


def _record(tx: Transaction, outcomes: list[Outcome], ways: OtherWays) -> list[None]:
    bundles = [outcome for outcome in outcomes if outcome.parcel.kind is Kind.BUNDLE]
    standing = claims.answerable(tx, [outcome.parcel for outcome in bundles])
    if bundles:
        # All of them before the first allowance: whoever holds an incident asks for these.
        its = bundle_outcomes.concerned(tx, bundles)
        incidents.hold(tx, sorted({*its, *(outcome.parcel.incident for outcome in outcomes)}))
    kept = record(tx, outcomes, ways)
    bundles = [outcome for outcome in bundles if outcome.parcel.id in standing]
    if bundles:
        bundle_outcomes.record(tx, bundles, ways, max(outcome.finished_at for outcome in bundles))
    return kept
