"""The end of a storm: the cards that were held leave, the worst first, after everything that is new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.engine.patience import readable
from domain.clock import Clock
from domain.incidents import Severity
from domain.storms import CALM, Allowance, Bundle
from storage import held_cards, incidents, messages, outbox, storms
from storage.outbox import Kind, Parcel
from storage.parcels import DIGEST
from storage.store import Store, Transaction, serialise

_MOST = 2_000
_APART = timedelta(milliseconds=1)


class Calm:
    """Looks when nothing has joined a digest for a while. `stir` is called when cards may leave."""

    def __init__(self, store: Store, clock: Clock, stir: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._stir = stir

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When the next storm may be over."""
        joined_at = storms.oldest_digest(tx)
        return joined_at + CALM if joined_at else None

    async def fire(self) -> None:
        """End the storms that are over."""
        await self._store.write(lambda tx: end(tx, self._clock.now()))
        self._stir()


def end(tx: Transaction, now: datetime) -> None:
    """Close the digests that nothing has joined for a while, and let the cards go."""
    # Alerts that come in decide what joins: one or the other.
    serialise(tx, "intake")
    for digest in storms.quiet_digests(tx, now - CALM):
        held = held_cards.of_channel(tx, digest.address, _MOST)
        _release(tx, digest, held, now)
        if len(held) < _MOST:
            _close(tx, digest, now)


def _release(tx: Transaction, digest: Bundle, held: list[str], now: datetime) -> None:
    found = readable(lambda ids: incidents.by_ids(tx, ids), held)
    held_cards.drop(tx, [one.id for one in found.values() if not one.is_open])
    for rank, severity in enumerate(Severity):
        these = [one.id for one in found.values() if one.is_open and one.severity is severity]
        held_cards.release(tx, digest.address, these, now + rank * _APART, is_storm_over=True)


def _close(tx: Transaction, digest: Bundle, now: datetime) -> None:
    storms.close(tx, digest.id, now)
    key = storms.allowance_of(tx, digest.id)
    kept = storms.allowances(tx, [key])[key]
    if kept.bundle == digest.id:
        storms.keep(tx, {key: Allowance(kept.recent)}, now)
    is_there = messages.has(tx, f"bundle:{digest.id}")
    lane, ahead = (outbox.EDITS, 0) if is_there else (outbox.posts(digest.address), DIGEST)
    outbox.put(tx, [Parcel(kind=Kind.BUNDLE, incident="", subject=digest.id, due_at=now, lane=lane, ahead=ahead)])
