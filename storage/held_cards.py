"""Cards that a storm holds back: they wait in a lane by which nothing leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, or_, select, text, update

from storage.catalog import table
from storage.outbox_tables import OutboxRow
from storage.parcels import ANSWER, HELD, LATER, Kind, held, posts
from storage.prepared import among, prepared
from storage.store import Transaction
from storage.storm_tables import BundledRow

_OUTBOX = table(OutboxRow)
_BUNDLED = table(BundledRow)
_IS_WAITING = text("state = 'waiting'")


def of_channel(tx: Transaction, channel: str, limit: int) -> list[str]:
    """Incidents whose card is held back from a channel."""
    found = select(_OUTBOX.c.incident).where(_IS_WAITING, _OUTBOX.c.lane == held(channel)).limit(limit)
    return list(tx.execute(found).scalars())


def release(tx: Transaction, channel: str, incidents: Sequence[str], now: datetime, *, is_storm_over: bool) -> None:
    """Let these leave by the lane of their channel: after everything that is new when the storm is over, at once when
    somebody has taken the incident."""
    if incidents:
        these = and_(_OUTBOX.c.incident.in_(list(incidents)), _IS_WAITING, _OUTBOX.c.kind == Kind.CARD.value)
        back = update(_OUTBOX).where(these, _OUTBOX.c.lane == held(channel))
        tx.execute(back.values(lane=posts(channel), due_at=now, priority=LATER if is_storm_over else ANSWER))


def unseen(tx: Transaction, incidents: Sequence[str]) -> list[str]:
    """Those of these incidents whose card a storm has held and whose channel has not seen it: it is held still, or was
    let go and waits for its turn. One that may be there, since the answer was lost, has been seen."""
    return list(tx.execute(_UNSEEN, {"ids": list(incidents)}).scalars()) if incidents else []


_UNSEEN = prepared(
    select(_OUTBOX.c.incident)
    .join(_BUNDLED, and_(_BUNDLED.c.incident == _OUTBOX.c.incident, _BUNDLED.c.notification == ""))
    .where(
        among(_OUTBOX.c.incident, "ids"),
        _IS_WAITING,
        _OUTBOX.c.kind == Kind.CARD.value,
        ~_OUTBOX.c.is_ambiguous,
        # What is there is changed by the lane of edits.
        or_(*(_OUTBOX.c.lane.startswith(lane, autoescape=True) for lane in (held(""), posts("#")))),
    )
    .distinct()
)


def are_waiting(tx: Transaction, incidents: Sequence[str]) -> list[str]:
    """Those of these incidents whose first card waits for its turn in its channel, whether a storm held it or not."""
    return list(tx.execute(_FIRST, {"ids": list(incidents)}).scalars()) if incidents else []


_FIRST_CARDS = (
    _IS_WAITING,
    _OUTBOX.c.kind == Kind.CARD.value,
    ~_OUTBOX.c.is_ambiguous,
    _OUTBOX.c.lane.startswith(posts("#"), autoescape=True),
)
_FIRST = prepared(select(_OUTBOX.c.incident).where(among(_OUTBOX.c.incident, "ids"), *_FIRST_CARDS))


def put_last(tx: Transaction, incidents: Sequence[str]) -> None:
    """Let the first cards of these come after everything that is new in their channel."""
    if incidents:
        tx.execute(_PUT_LAST, {"ids": list(incidents), "rank": LATER})


_PUT_LAST = prepared(
    update(_OUTBOX).where(among(_OUTBOX.c.incident, "ids"), *_FIRST_CARDS).values(priority=bindparam("rank")),
    is_heard=False,
)


def drop(tx: Transaction, incidents: Sequence[str]) -> None:
    """What was to be said of incidents that were over before their card was there: nobody reads it any more."""
    if incidents:
        tx.execute(_DROP, {"ids": list(incidents), "never": HELD})


_DROP = prepared(
    delete(_OUTBOX).where(
        among(_OUTBOX.c.incident, "ids"),
        _IS_WAITING,
        or_(_OUTBOX.c.due_at == bindparam("never"), _OUTBOX.c.kind == Kind.CARD.value),
    )
)
