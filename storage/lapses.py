"""Where something should have happened and did not, found by indexes: what is overdue, and what open incidents lack.

Every look costs what it finds and what was opened lately; how many incidents there are has no part in it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text

from domain.escalations import EscalationState
from domain.incidents import OPEN, Status
from domain.notifications import NotificationState
from domain.oversights import LONGEST_PAUSE, LONGEST_REST, Lapse, Oversight
from domain.timeline import Event
from storage.catalog import table
from storage.incident_tables import EscalationRow, IncidentRow, TimelineRow
from storage.message_tables import MessageRow
from storage.notification_tables import NotificationRow
from storage.outbox import HELD, Kind
from storage.outbox_tables import OutboxRow
from storage.store import Transaction
from storage.storm_tables import BundledRow

_INCIDENTS = table(IncidentRow)
_ESCALATIONS = table(EscalationRow)
_NOTIFICATIONS = table(NotificationRow)
_OUTBOX = table(OutboxRow)
_MESSAGES = table(MessageRow)
_TIMELINE = table(TimelineRow)
_BUNDLED = table(BundledRow)
_MANY = _OUTBOX.alias("many")
MOST = 50
MOST_COUNTED = 2_000
_SAID = [Event.POLICY_EXHAUSTED.value, Event.NOBODY_LEFT.value, Event.NOBODY_REACHED.value]


def late_climbs(tx: Transaction, before: datetime) -> list[Oversight]:
    """Climbs that were to be looked at before this moment."""
    return _read(tx, late_climbs_query(before), Lapse.CLIMB_LATE)


def late_climbs_query(before: datetime) -> Select[Any]:
    due = (_ESCALATIONS.c.wake_at < before, _ESCALATIONS.c.wake_at.is_not(None))
    return (
        select(_ESCALATIONS.c.incident.label("subject"), _INCIDENTS.c.id, _INCIDENTS.c.short_id, _ESCALATIONS.c.wake_at)
        .join(_INCIDENTS, _INCIDENTS.c.id == _ESCALATIONS.c.incident)
        .where(*due)
        .order_by(_ESCALATIONS.c.wake_at)
        .limit(MOST)
    )


def leases_over(tx: Transaction, before: datetime, in_hand: Collection[int]) -> list[Oversight]:
    """Parcels that somebody was to have sent by this moment; those that this process still has are no oversight."""
    rows = tx.execute(leases_over_query(before))
    return [
        Oversight(Lapse.LEASE_OVER, str(row.id), row.due_at, incident=row.incident)
        for row in rows
        if row.id not in in_hand
    ]


def leases_over_query(before: datetime) -> Select[Any]:
    mine = (text("outbox.state = 'sending'"), or_(_OUTBOX.c.due_at < before, _OUTBOX.c.due_at > before + LONGEST_PAUSE))
    return select(_OUTBOX.c.id, _OUTBOX.c.due_at, _OUTBOX.c.incident).where(*mine).limit(MOST)


def lost_pages(tx: Transaction, before: datetime) -> list[Oversight]:
    """Pages decided on before this moment that wait, and that nothing is to send: neither a parcel of their own, nor a
    message that gathers them in a storm."""
    return _read(tx, lost_pages_query(before), Lapse.PAGE_LOST)


def lost_pages_query(before: datetime) -> Select[Any]:
    its_own = exists().where(
        _OUTBOX.c.incident == _NOTIFICATIONS.c.incident,
        _OUTBOX.c.subject == _NOTIFICATIONS.c.id,
        _OUTBOX.c.kind == Kind.PAGE.value,
        _OUTBOX.c.state != "failed",
        or_(_OUTBOX.c.due_at < before + LONGEST_PAUSE, _OUTBOX.c.due_at == HELD, _OUTBOX.c.state == "sending"),
    )
    gathered = exists().where(
        _BUNDLED.c.incident == _NOTIFICATIONS.c.incident,
        _BUNDLED.c.notification == _NOTIFICATIONS.c.id,
        or_(_is_leaving(text("many.state = 'waiting'"), before), _is_leaving(text("many.state = 'sending'"), None)),
    )
    waiting = text(f"notifications.state = '{NotificationState.WAITING.value}'")
    found = (_NOTIFICATIONS.c.id.label("subject"), _INCIDENTS.c.id, _INCIDENTS.c.short_id, _NOTIFICATIONS.c.decided_at)
    return (
        select(*found)
        .join(_INCIDENTS, _INCIDENTS.c.id == _NOTIFICATIONS.c.incident)
        .where(waiting, _NOTIFICATIONS.c.decided_at < before, ~its_own, ~gathered)
        .order_by(_NOTIFICATIONS.c.decided_at)
        .limit(MOST)
    )


def _is_leaving(state: Any, before: datetime | None) -> ColumnElement[bool]:
    """Whether the message that gathers is in the outbox, and waits for a moment that comes."""
    its = _MANY.c.waiting_key == f"{Kind.BUNDLE.value}:" + _BUNDLED.c.bundle
    in_time = [_MANY.c.due_at < before + LONGEST_PAUSE] if before else []
    return exists().where(its, state, *in_time)


def without_card(tx: Transaction, since: datetime, before: datetime) -> list[Oversight]:
    """Open incidents that their channel does not show, and is not going to."""
    return _read(tx, without_card_query(since, before), Lapse.NO_CARD)


def without_card_query(since: datetime, before: datetime) -> Select[Any]:
    coming = exists().where(
        _OUTBOX.c.incident == _INCIDENTS.c.id, _OUTBOX.c.kind == Kind.CARD.value, _OUTBOX.c.state != "failed"
    )
    return _opened(since, before, _INCIDENTS.c.channel != "", ~_has_card(), ~coming)


def without_climb(tx: Transaction, since: datetime, before: datetime) -> list[Oversight]:
    """Incidents that nobody has, or that are snoozed, and that nothing will call anybody for, though they have a policy
    that is not over, or the snooze will be."""
    return _read(tx, without_climb_query(since, before), Lapse.NO_CLIMB)


def without_climb_query(since: datetime, before: datetime) -> Select[Any]:
    climbing = exists().where(
        _ESCALATIONS.c.incident == _INCIDENTS.c.id,
        or_(_ESCALATIONS.c.wake_at < before + LONGEST_REST, _ESCALATIONS.c.state == EscalationState.EXHAUSTED.value),
    )
    nobodys = and_(_INCIDENTS.c.status == Status.TRIGGERED.value, _INCIDENTS.c.policy_version != "")
    snoozed = and_(_INCIDENTS.c.status == Status.ACKNOWLEDGED.value, _INCIDENTS.c.snoozed_until.is_not(None))
    return _opened(since, before, or_(nobodys, snoozed), _INCIDENTS.c.duplicate_of == "", ~climbing)


def not_said(tx: Transaction, since: datetime, before: datetime) -> list[Oversight]:
    """Incidents whose policy is at its end without a word of it."""
    return _read(tx, not_said_query(since, before), Lapse.NOT_SAID)


def not_said_query(since: datetime, before: datetime) -> Select[Any]:
    over = exists().where(
        _ESCALATIONS.c.incident == _INCIDENTS.c.id, _ESCALATIONS.c.state == EscalationState.EXHAUSTED.value
    )
    said = exists().where(_TIMELINE.c.incident == _INCIDENTS.c.id, _TIMELINE.c.event.in_(_SAID))
    nobodys = and_(_INCIDENTS.c.status == Status.TRIGGERED.value, _INCIDENTS.c.policy_version != "")
    return _opened(since, before, nobodys, over, ~said)


def held_back(tx: Transaction, since: datetime, before: datetime) -> list[Oversight]:
    """Incidents with a card, of which something waits for it all the same."""
    return _read(tx, held_back_query(since, before), Lapse.HELD_BACK)


def held_back_query(since: datetime, before: datetime) -> Select[Any]:
    held = exists().where(
        _OUTBOX.c.incident == _INCIDENTS.c.id, text("outbox.state = 'waiting'"), _OUTBOX.c.due_at == HELD
    )
    return _opened(since, before, _has_card(), held)


def waiting(tx: Transaction, lane: str, now: datetime) -> int:
    """How many messages of a lane are due, as far as it pays to count."""
    due = select(_OUTBOX.c.id).where(text("outbox.state = 'waiting'"), _OUTBOX.c.lane == lane, _OUTBOX.c.due_at <= now)
    return int(tx.execute(select(func.count()).select_from(due.limit(MOST_COUNTED).subquery())).scalar_one())


def _has_card() -> ColumnElement[bool]:
    return exists().where(_MESSAGES.c.key == "card:" + _INCIDENTS.c.id)


def _opened(since: datetime, before: datetime, *wanted: ColumnElement[bool]) -> Select[Any]:
    found = (_INCIDENTS.c.id.label("subject"), _INCIDENTS.c.id, _INCIDENTS.c.short_id, _INCIDENTS.c.created_at)
    between = (_INCIDENTS.c.created_at >= since, _INCIDENTS.c.created_at < before)
    return select(*found).where(_INCIDENTS.c.status.in_(OPEN), *between, *wanted).limit(MOST)


def _read(tx: Transaction, query: Select[Any], lapse: Lapse) -> list[Oversight]:
    return [
        Oversight(lapse, subject, since, incident=incident, short_id=short_id)
        for subject, incident, short_id, since in tx.execute(query)
    ]
