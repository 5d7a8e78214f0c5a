"""A clock that was set back: what was to happen by the former one comes as much sooner."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, select, text, update

from domain.climbing import HEAD_START
from domain.replies import GOOD_FOR
from storage import oversights
from storage.catalog import table
from storage.incident_tables import AlertRow, EscalationRow, IncidentRow
from storage.intake_tables import HeldAlertsRow
from storage.notification_tables import NotificationRow
from storage.outbox_tables import OutboxRow
from storage.oversight_tables import BeatRow
from storage.parcels import HELD
from storage.store import Transaction

_ESCALATIONS = table(EscalationRow)
_OUTBOX = table(OutboxRow)
_ALERTS = table(AlertRow)
_HELD = table(HeldAlertsRow)
_INCIDENTS = table(IncidentRow)
_NOTIFICATIONS = table(NotificationRow)
_BEATS = table(BeatRow)


def follow(tx: Transaction, now: datetime, most: timedelta, seen: timedelta, new: timedelta) -> timedelta:
    """When somebody has looked for oversights later than it is `now`, by more than `most`, or the clock was `seen` to
    go back: have climbs go on as if they had begun so much sooner, and what waits to leave leave so much sooner; but
    not what has begun in the last moments, which are those of the `new` clock. By how much, which one process does."""
    last = oversights.last_look(tx)
    by = max(last - now if last else timedelta(0), seen)
    if not seen and by < most:
        return _bring_stray_forward(tx, now, most)
    oversights.looked(tx, now)
    _bring_forward(tx, by, now - new, now)
    return by


def furthest(tx: Transaction) -> datetime | None:
    """The latest moment of those that are never yet to come by the clock of now: of a look for oversights, and of a
    climb's beginning without its head start."""
    begun = tx.execute(select(func.max(_ESCALATIONS.c.started_at)).where(_ESCALATIONS.c.wake_at.is_not(None))).scalar()
    known = [oversights.looked_at(tx), begun - HEAD_START if begun else None]
    return max((moment for moment in known if moment), default=None)


def _bring_stray_forward(tx: Transaction, now: datetime, most: timedelta) -> timedelta:
    """Climbs that a process began which had not seen yet what others followed: as if they began now."""
    yet_to_begin = _ESCALATIONS.c.started_at > now + HEAD_START + most
    climbs = tx.execute(select(_ESCALATIONS).where(_ESCALATIONS.c.wake_at.is_not(None), yet_to_begin)).all()
    if climbs:
        tx.execute(_BEGAN, [{"of": row.incident, "began": now} for row in climbs])
        tx.execute(_WAKES, [{"of": row.incident, "wakes": now + (row.wake_at - row.started_at)} for row in climbs])
    return max((row.started_at - now for row in climbs), default=timedelta(0))


def _bring_forward(tx: Transaction, by: timedelta, since: datetime, now: datetime) -> None:
    # Whoever holds an incident asks for its climb, and nobody the other way round.
    _bring_snoozes_forward(tx, by, now)
    _bring_climbs_forward(tx, by, since, now)
    waiting = tx.execute(
        select(_OUTBOX.c.id, _OUTBOX.c.due_at).where(text("state = 'waiting'"), _OUTBOX.c.due_at < HELD)
    )
    if parcels := [{"of": row.id, "due": row.due_at - by} for row in waiting]:
        tx.execute(_PARCEL, parcels)
    _bring_intake_forward(tx, by, since, now)
    _bring_pages_forward(tx, by, since, now)


def _bring_climbs_forward(tx: Transaction, by: timedelta, since: datetime, now: datetime) -> None:
    """Those that go on, and those at rest: what is left of them counts from their beginning."""
    is_meant = or_(_ESCALATIONS.c.wake_at.is_not(None), _ESCALATIONS.c.started_at > now)
    has_just_begun = _ESCALATIONS.c.started_at.between(since, now)
    climbs = tx.execute(select(_ESCALATIONS).where(is_meant, ~has_just_begun)).all()
    if climbs:
        tx.execute(_BEGAN, [{"of": row.incident, "began": row.started_at - by} for row in climbs])
    if waking := [{"of": row.incident, "wakes": row.wake_at - by} for row in climbs if row.wake_at]:
        tx.execute(_WAKES, waking)


def _bring_snoozes_forward(tx: Transaction, by: timedelta, now: datetime) -> None:
    """Those that last for a length; one until nine o'clock, which has no seconds, ends at nine. One that would be over
    has begun by the new clock."""
    quiet = select(_INCIDENTS.c.id, _INCIDENTS.c.snoozed_until).where(_INCIDENTS.c.snoozed_until > now + by)
    found = tx.execute(quiet.order_by(_INCIDENTS.c.id))
    lengths = [row for row in found if row.snoozed_until.second or row.snoozed_until.microsecond]
    if lengths:
        tx.execute(_SNOOZED, [{"of": row.id, "until": row.snoozed_until - by} for row in lengths])


def _bring_pages_forward(tx: Transaction, by: timedelta, since: datetime, now: datetime) -> None:
    """Those that can be answered still, or are asked about: an answer comes after its page, and a page that does not
    arrive goes another way as soon as it was to."""
    out = (_NOTIFICATIONS.c.sent_at > now - GOOD_FOR, ~_NOTIFICATIONS.c.sent_at.between(since, now))
    columns = (_NOTIFICATIONS.c.id, _NOTIFICATIONS.c.sent_at, _NOTIFICATIONS.c.look_at)
    pages = tx.execute(select(*columns).where(*out).order_by(_NOTIFICATIONS.c.id)).all()
    if pages:
        tx.execute(_SENT, [{"of": row.id, "sent": row.sent_at - by} for row in pages])
    if asked := [{"of": row.id, "look": row.look_at - by} for row in pages if row.look_at]:
        tx.execute(_LOOKED_AT, asked)


def _bring_intake_forward(tx: Transaction, by: timedelta, since: datetime, now: datetime) -> None:
    """Alerts that are over, which else were over a moment ago whenever they fire again; those that wait in case they
    resolve by themselves; and sources that are waited for."""
    ended = select(_ALERTS.c.identity, _ALERTS.c.ended_at).where(_ALERTS.c.ended_at > now)
    over = tx.execute(ended.order_by(_ALERTS.c.identity)).all()
    if over:
        tx.execute(_OVER, [{"of": row.identity, "at": row.ended_at - by} for row in over])
    held = tx.execute(select(_HELD).where(~_HELD.c.since.between(since, now))).all()
    if held:
        tx.execute(_HELD_SINCE, [{"of": row.key, "began": row.since - by, "wakes": row.wake_at - by} for row in held])
    wants = (_BEATS.c.wake_at.is_not(None), _BEATS.c.heard_at.is_(None) | ~_BEATS.c.heard_at.between(since, now))
    beats = tx.execute(select(_BEATS).where(*wants)).all()
    if beats:
        heard = [(row, row.heard_at - by if row.heard_at else None) for row in beats]
        tx.execute(_BEAT, [{"of": row.heartbeat, "heard": at, "wakes": row.wake_at - by} for row, at in heard])


# What another transaction has taken to be sent, or ended, since it was looked for stays so.
_BEGAN = update(_ESCALATIONS).where(_ESCALATIONS.c.incident == bindparam("of")).values(started_at=bindparam("began"))
_WAKES = (
    update(_ESCALATIONS)
    .where(_ESCALATIONS.c.incident == bindparam("of"), _ESCALATIONS.c.wake_at.is_not(None))
    .values(wake_at=bindparam("wakes"))
)
_SNOOZED = (
    update(_INCIDENTS)
    .where(_INCIDENTS.c.id == bindparam("of"), _INCIDENTS.c.snoozed_until.is_not(None))
    .values(snoozed_until=bindparam("until"))
)
_OVER = (
    update(_ALERTS).where(_ALERTS.c.identity == bindparam("of"), ~_ALERTS.c.is_firing).values(ended_at=bindparam("at"))
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
_SENT = update(_NOTIFICATIONS).where(_NOTIFICATIONS.c.id == bindparam("of")).values(sent_at=bindparam("sent"))
_LOOKED_AT = (
    update(_NOTIFICATIONS)
    .where(_NOTIFICATIONS.c.id == bindparam("of"), _NOTIFICATIONS.c.look_at.is_not(None))
    .values(look_at=bindparam("look"))
)
