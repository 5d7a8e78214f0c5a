"""What was overlooked, set right where that is safe: everything here may be done twice, and pages nobody twice."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from domain import escalations as climbs
from domain import lifecycle
from domain.incidents import Status
from domain.notifications import NotificationState
from domain.oversights import LONGEST_REST, Lapse, Oversight
from domain.timeline import Entry, Event
from handlers.incidents import transitions
from storage import claims, escalations, held_pages, incidents, notifications, outbox, versions
from storage.outbox import Kind, Parcel
from storage.store import Transaction


def mend(tx: Transaction, found: Oversight, now: datetime, in_hand: Collection[int]) -> Oversight:
    """`found`, set right if there is a way. Incidents are held first, as whoever changes them does."""
    way = _WAYS.get(found.lapse)
    if found.lapse is Lapse.LEASE_OVER:
        return replace(found, is_mended=claims.reclaim(tx, now, in_hand) > 0)
    if way is None or not incidents.hold(tx, [found.incident], skip_held=True):
        return found
    return replace(found, is_mended=way(tx, found, now))


def _card(tx: Transaction, found: Oversight, now: datetime) -> bool:
    """Unless Slack has refused one: then somebody has to look why."""
    if outbox.has_failed(tx, found.incident, Kind.CARD):
        return False
    lane = outbox.posts(incidents.channel(tx, found.incident))
    outbox.put(tx, [Parcel(kind=Kind.CARD, incident=found.incident, due_at=now, lane=lane)])
    return True


def _climb(tx: Transaction, found: Oversight, now: datetime) -> bool:
    """From its beginning: the pages that were sent have their keys, and are not sent again."""
    incident = incidents.by_ids(tx, [found.incident])[found.incident]
    kept = escalations.by_incidents(tx, [incident.id]).get(incident.id)
    if kept and kept.wake_at and kept.wake_at < now + LONGEST_REST:
        return True
    if incident.status is not Status.TRIGGERED and not incident.is_snoozed:
        return True
    policy = versions.policy(tx, incident.policy_version)
    if not policy.live_steps and not incident.is_snoozed:
        return False
    begun = climbs.begin(incident, policy, kept.speed if kept else 1)
    begun = replace(begun, round=kept.round, declined=kept.declined) if kept else begun
    if until := incident.snoozed_until:
        begun = lifecycle.snoozed(kept or begun, until, incident.owner)
    escalations.put(tx, begun)
    return True


def _say(tx: Transaction, found: Oversight, now: datetime) -> bool:
    climb = escalations.by_incidents(tx, [found.incident])[found.incident]
    total = len(versions.policy(tx, climb.policy_version).live_steps)
    entry = Entry(incident=found.incident, at=now, event=Event.POLICY_EXHAUSTED, details={"total": total})
    transitions.record(tx, now, entry)
    transitions.refresh(tx, found.incident, now, is_answer=False)
    return True


def _page(tx: Transaction, found: Oversight, now: datetime) -> bool:
    """In the message for many that gathers it, if there is one: what comes for the same reader joins that."""
    incident = incidents.by_ids(tx, [found.incident])[found.incident]
    page = notifications.by_ids(tx, [found.subject])[found.subject]
    if page.state is not NotificationState.WAITING:
        return True
    if incident.status is not Status.TRIGGERED:
        notifications.settle(tx, [(page.id, NotificationState.CANCELLED, None, "", "")])
        return True
    many = held_pages.gathered_in(tx, page)
    kind, of, subject = (Kind.BUNDLE, "", many) if many else (Kind.PAGE, incident.id, page.id)
    lane = outbox.lane_of(page)
    outbox.put(tx, [Parcel(kind=kind, incident=of, subject=subject, due_at=now, lane=lane, is_ambiguous=True)])
    return True


def _release(tx: Transaction, found: Oversight, now: datetime) -> bool:
    outbox.release(tx, [found.incident], now)
    return True


_WAYS: dict[Lapse, Callable[[Transaction, Oversight, datetime], bool]] = {
    Lapse.NO_CARD: _card,
    Lapse.NO_CLIMB: _climb,
    Lapse.NOT_SAID: _say,
    Lapse.PAGE_LOST: _page,
    Lapse.HELD_BACK: _release,
}
