"""Who stands in for whom, and who has asked whom to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from domain.schedules import Override
from domain.stand_ins import Swap, SwapState
from storage import rows
from storage.catalog import table
from storage.glances import Glance
from storage.prepared import prepared
from storage.schedule_tables import OverrideRow, SwapRow
from storage.store import Transaction

_OVERRIDES = table(OverrideRow)
_SWAPS = table(SwapRow)
KEPT = timedelta(days=35)
"""How long what is over is kept, for whoever asks who was on call; the audit log keeps it for ever."""


def add(tx: Transaction, override: Override, now: datetime) -> None:
    """Keep an override; those that are long over go. The catalog has changed by it: say so with `catalog.touch`."""
    tx.execute(delete(_OVERRIDES).where(_OVERRIDES.c.end_at < now - KEPT))
    tx.execute(insert(_OVERRIDES).values(rows.override_values(override)))


def find(tx: Transaction, override: str) -> Override | None:
    """One override by its id."""
    row = tx.execute(select(_OVERRIDES).where(_OVERRIDES.c.id == override)).first()
    return rows.override(row) if row else None


def end(tx: Transaction, override: Override, now: datetime) -> None:
    """It counts no more from `now` on: one that has not begun is gone."""
    mine = _OVERRIDES.c.id == override.id
    if override.start >= now:
        tx.execute(delete(_OVERRIDES).where(mine))
    else:
        tx.execute(update(_OVERRIDES).where(mine).values(end_at=now))


def ask(tx: Transaction, swap: Swap, now: datetime) -> None:
    """Keep a question to a colleague; those that are long over go."""
    tx.execute(delete(_SWAPS).where(_SWAPS.c.end_at < now - KEPT))
    values = {"id": swap.id, "team": swap.team, "asker": swap.asker, "asked": swap.asked, "reason": swap.reason}
    times = {"start_at": swap.start, "end_at": swap.end, "expires_at": swap.expires_at}
    tx.execute(insert(_SWAPS).values(**values, **times, state=swap.state.value))


def swap(tx: Transaction, identity: str) -> Swap | None:
    """One question by its id."""
    row = tx.execute(select(_SWAPS).where(_SWAPS.c.id == identity)).first()
    return _swap(row) if row else None


def settle(tx: Transaction, swap: Swap, state: SwapState) -> bool:
    """What became of a question; False when somebody was faster."""
    asked = (_SWAPS.c.id == swap.id) & (_SWAPS.c.state == SwapState.ASKED.value)
    return bool(tx.execute(update(_SWAPS).where(asked).values(state=state.value)).rowcount)


def expired(tx: Transaction, now: datetime) -> Sequence[Swap]:
    """The questions that are too late to be answered."""
    return [_swap(row) for row in tx.execute(_EXPIRED, {"by_now": now})]


def next_expiry(tx: Transaction) -> datetime | None:
    """When the next question is too late to be answered."""
    return _NEXT_EXPIRY.seen(tx)


_IS_ASKED = text("state = 'asked'")
_EXPIRED = prepared(select(_SWAPS).where(_IS_ASKED, _SWAPS.c.expires_at <= bindparam("by_now")).order_by(_SWAPS.c.id))
_NEXT_EXPIRY = Glance(select(func.min(_SWAPS.c.expires_at)).where(_IS_ASKED))


def _swap(row: Any) -> Swap:
    return Swap(
        id=row.id,
        team=row.team,
        asker=row.asker,
        asked=row.asked,
        start=row.start_at,
        end=row.end_at,
        expires_at=row.expires_at,
        reason=row.reason,
        state=SwapState(row.state),
    )
