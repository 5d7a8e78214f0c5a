"""Cards that a storm holds back: they wait in a lane by which nothing leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, select, text, update

from domain.incidents import Incident
from storage.catalog import table
from storage.outbox_tables import OutboxRow
from storage.parcels import ANSWER, HELD, LATER, Kind, held, posts
from storage.prepared import prepared
from storage.store import Transaction

_OUTBOX = table(OutboxRow)
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


def is_held(tx: Transaction, incident: Incident) -> bool:
    """Whether the card of an incident is held back."""
    return tx.execute(_IS_HELD, {"of": incident.id, "in_lane": held(incident.channel)}).first() is not None


_IS_HELD = prepared(
    select(_OUTBOX.c.id)
    .where(_OUTBOX.c.incident == bindparam("of"), _OUTBOX.c.lane == bindparam("in_lane"), _IS_WAITING)
    .limit(1)
)


def drop(tx: Transaction, incidents: Sequence[str]) -> None:
    """What was to be said of incidents that were over before their card was there: nobody reads it any more."""
    if incidents:
        these = _OUTBOX.c.incident.in_(list(incidents))
        tx.execute(delete(_OUTBOX).where(these, _IS_WAITING, _OUTBOX.c.due_at == HELD))
