"""A clock that was set back: what was to happen by the former one comes as much sooner."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, text, update

from storage import oversights
from storage.catalog import table
from storage.incident_tables import EscalationRow
from storage.intake_tables import HeldAlertsRow
from storage.outbox_tables import OutboxRow
from storage.oversight_tables import BeatRow
from storage.parcels import HELD
from storage.store import Transaction

_ESCALATIONS = table(EscalationRow)
_OUTBOX = table(OutboxRow)
_HELD = table(HeldAlertsRow)
_BEATS = table(BeatRow)


def follow(tx: Transaction, now: datetime, most: timedelta, seen: timedelta, new: timedelta) -> timedelta:
    """When somebody has looked for oversights later than it is `now`, by more than `most`, or the clock was `seen` to
    go back: have climbs go on as if they had begun so much sooner, and what waits to leave leave so much sooner; but
    not what has begun in the last moments, which are those of the `new` clock. By how much, which one process does."""
    last = oversights.last_look(tx)
    by = max(last - now if last else timedelta(0), seen)
    if not seen and by < most:
        return timedelta(0)
    oversights.looked(tx, now)
    _bring_forward(tx, by, now - new, now)
    return by


def _bring_forward(tx: Transaction, by: timedelta, since: datetime, now: datetime) -> None:
    has_just_begun = _ESCALATIONS.c.started_at.between(since, now)
    climbs = tx.execute(select(_ESCALATIONS).where(_ESCALATIONS.c.wake_at.is_not(None), ~has_just_begun)).all()
    if climbs:
        moments = [{"of": row.incident, "began": row.started_at - by, "wakes": row.wake_at - by} for row in climbs]
        tx.execute(_CLIMB, moments)
    waiting = tx.execute(
        select(_OUTBOX.c.id, _OUTBOX.c.due_at).where(text("state = 'waiting'"), _OUTBOX.c.due_at < HELD)
    )
    if parcels := [{"of": row.id, "due": row.due_at - by} for row in waiting]:
        tx.execute(_PARCEL, parcels)
    _bring_intake_forward(tx, by, since, now)


def _bring_intake_forward(tx: Transaction, by: timedelta, since: datetime, now: datetime) -> None:
    """Alerts that wait in case they resolve by themselves, and sources that are waited for."""
    held = tx.execute(select(_HELD).where(~_HELD.c.since.between(since, now))).all()
    if held:
        tx.execute(_HELD_SINCE, [{"of": row.key, "began": row.since - by, "wakes": row.wake_at - by} for row in held])
    wants = (_BEATS.c.wake_at.is_not(None), _BEATS.c.heard_at.is_(None) | ~_BEATS.c.heard_at.between(since, now))
    beats = tx.execute(select(_BEATS).where(*wants)).all()
    if beats:
        heard = [(row, row.heard_at - by if row.heard_at else None) for row in beats]
        tx.execute(_BEAT, [{"of": row.heartbeat, "heard": at, "wakes": row.wake_at - by} for row, at in heard])


# What another transaction has taken to be sent, or ended, since it was looked for stays so.
_CLIMB = (
    update(_ESCALATIONS)
    .where(_ESCALATIONS.c.incident == bindparam("of"), _ESCALATIONS.c.wake_at.is_not(None))
    .values(started_at=bindparam("began"), wake_at=bindparam("wakes"))
)
_HELD_SINCE = (
    update(_HELD).where(_HELD.c.key == bindparam("of")).values(since=bindparam("began"), wake_at=bindparam("wakes"))
)
_BEAT = (
    update(_BEATS)
    .where(_BEATS.c.heartbeat == bindparam("of"))
    .values(heard_at=bindparam("heard"), wake_at=bindparam("wakes"))
)
_PARCEL = (
    update(_OUTBOX).where(_OUTBOX.c.id == bindparam("of"), text("state = 'waiting'")).values(due_at=bindparam("due"))
)
