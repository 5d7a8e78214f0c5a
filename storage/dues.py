"""When what waits to leave may: the next moments of each lane, found by a look into an index however much waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CTE, ScalarSelect, func, select, text

from storage.catalog import table
from storage.glances import Glance
from storage.outbox_tables import OutboxRow
from storage.parcels import ANSWER, DIGEST, GRAVE_CARDS, PRIORITY, RANKS, Kind
from storage.prepared import prepared
from storage.store import Transaction

_OUTBOX = table(OutboxRow)
_IS_WAITING = text("state = 'waiting'")


@dataclass(frozen=True, slots=True)
class Dues:
    """When the next parcel of a lane may leave: pages, what has to be seen as soon (an answer to a click, the card of a
    grave incident), and everything else; None when there is none."""

    pages: datetime | None
    answers: datetime | None
    rest: datetime | None

    @property
    def first(self) -> datetime | None:
        """The earliest of them."""
        return min((one for one in (self.pages, self.answers, self.rest) if one), default=None)


def lanes(tx: Transaction) -> list[str]:
    """Every lane in which something waits, found by one look into the index a lane."""
    return [row.lane for row in tx.execute(_LANES)]


def _lanes() -> CTE:
    later = _OUTBOX.alias()
    first = select(func.min(_OUTBOX.c.lane).label("lane")).where(_IS_WAITING).cte("found", recursive=True)
    next_one = select(func.min(later.c.lane)).where(later.c.state == text("'waiting'"), later.c.lane > first.c.lane)
    return first.union_all(select(next_one.scalar_subquery()).where(first.c.lane.is_not(None)))


_FOUND = _lanes()
_LANES = prepared(select(_FOUND.c.lane).where(_FOUND.c.lane.is_not(None)))


def next_dues(tx: Transaction) -> dict[str, Dues]:
    """When the next parcels of each lane may leave."""
    return {row[0]: _dues(dict(zip(RANKS, row[1:], strict=True))) for row in tx.execute(_NEXT_DUES)}


def _dues(by_rank: dict[int, datetime | None]) -> Dues:
    def first(*ranks: int) -> datetime | None:
        return min((due for rank in ranks if (due := by_rank[rank])), default=None)

    pages = {PRIORITY[Kind.PAGE], -DIGEST}
    answers = {ANSWER, *(-ahead for ahead in GRAVE_CARDS.values())}
    return Dues(first(*pages), first(*answers), first(*by_rank.keys() - pages - answers))


def _next_of(rank: int) -> ScalarSelect[datetime]:
    """A seek into the index that `due` reads by, instead of an index of its own."""
    waiting = (_IS_WAITING, _OUTBOX.c.lane == _FOUND.c.lane, _OUTBOX.c.priority == text(str(rank)))
    return select(func.min(_OUTBOX.c.due_at)).where(*waiting).correlate(_FOUND).scalar_subquery()


_NEXT_DUES = prepared(select(_FOUND.c.lane, *map(_next_of, RANKS)).where(_FOUND.c.lane.is_not(None)))


def next_lease(tx: Transaction) -> datetime | None:
    """When the next lease runs out."""
    return _NEXT_LEASE.seen(tx)


_NEXT_LEASE = Glance(select(func.min(_OUTBOX.c.due_at)).where(text("state = 'sending'")))


def next_due(tx: Transaction) -> datetime | None:
    """When the next parcel of any lane may leave, or the next lease runs out."""
    moments = [*(dues.first for dues in next_dues(tx).values()), next_lease(tx)]
    return min((moment for moment in moments if moment is not None), default=None)
