"""Climbs whose time has come, turned into notifications in the transaction that moves them on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain import escalations as climbs
from domain.clock import Clock
from domain.directory import Directory
from domain.escalations import Decision, Escalation, EscalationState, Page
from domain.incidents import Incident
from domain.notifications import Notification, Recipient
from domain.policies import Policy
from domain.timeline import Entry, Event
from storage import catalog, escalations, homes, incidents, messages, notifications, outbox, timeline, versions
from storage.identifiers import new_id
from storage.outbox import HELD, Kind, Parcel
from storage.store import Store, Transaction

MOST_AT_ONCE = 100


@dataclass(slots=True)
class Fired:
    """What a tick decided, gathered first and written with few statements."""

    climbs: list[Escalation] = field(default_factory=list)
    late: list[timedelta] = field(default_factory=list)
    notifications: list[tuple[Notification, str]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    incidents: dict[str, Incident] = field(default_factory=dict)


class Escalator:
    """Fires what is due. A tick costs what is due, not what is open."""

    def __init__(self, store: Store, clock: Clock, told: Callable[[timedelta], None] = lambda late: None) -> None:
        """`told` hears how late each climb was looked at."""
        self._store = store
        self._clock = clock
        self._told = told

    async def tick(self) -> int:
        """Fire the steps that are due, longest due first; answers how many incidents that moved."""
        late = await self._store.write(lambda tx: fire(tx, self._clock.now()))
        for one in late:
            self._told(one)
        return len(late)


def fire(tx: Transaction, now: datetime) -> list[timedelta]:
    """Fire what is due at `now`, and say how late each was. The incident is held before its climb, as an
    acknowledgement does."""
    due = escalations.due(tx, now, MOST_AT_ONCE)
    if not due:
        return []
    held = incidents.hold(tx, due, skip_held=True)
    found = incidents.by_ids(tx, held)
    directory = catalog.directory(tx)
    fired = Fired()
    for climb in escalations.by_incidents(tx, held).values():
        if climb.wake_at is not None and climb.wake_at <= now:
            fired.late.append(now - climb.wake_at)
            _fire_one(fired, climb, versions.policy(tx, climb.policy_version), found[climb.incident], directory, now)
    _write(tx, fired, now)
    return fired.late


def _fire_one(
    fired: Fired, climb: Escalation, policy: Policy, incident: Incident, directory: Directory, now: datetime
) -> None:
    step = climbs.next_step(climb, policy)
    hurry = step is not None and climbs.due_at(climb.started_at, step) > now
    decision = climbs.decide(climb, policy, incident, directory, now, hurry=hurry)
    fired.climbs.append(decision.escalation)
    fired.incidents[incident.id] = incident
    total = len(policy.live_steps)
    made = [(_notification(page, incident, policy, now), _key(page, climb)) for page in decision.pages]
    fired.notifications.extend(made)
    fired.entries.extend(_entries(decision, incident, total, now))


def _notification(page: Page, incident: Incident, policy: Policy, now: datetime) -> Notification:
    minutes = page.step.delay_minutes
    return Notification(
        id=new_id(),
        incident=incident.id,
        step=page.step.order,
        channel=page.channel,
        recipient=page.recipient,
        message=page.step.message,
        why=f"{policy.name} v{policy.version}, step {page.step.order} at {minutes} min, {page.step.target.type.value}",
        is_bundle_of=page.missed,
        decided_at=now,
    )


def _key(page: Page, climb: Escalation) -> str:
    return page_key(climb, page.step.order, page.channel.value, page.recipient)


def page_key(climb: Escalation, step: int, channel: str, recipient: Recipient) -> str:
    """What only one notification may have: decided twice, the database refuses it."""
    return f"{climb.incident}:{climb.round}:{step}:{channel}:{recipient.address}"


def _entries(decision: Decision, incident: Incident, total: int, now: datetime) -> Iterable[Entry]:
    for step in decision.fired:
        pages = [page for page in decision.pages if page.step.order == step.order]
        if pages:
            yield Entry(incident=incident.id, at=now, event=Event.ESCALATED, details=_reached(pages, total))
        missing = [one for one in decision.unreached if one.step.order == step.order]
        for one in missing:
            details: dict[str, str | int] = {"step": step.order, "reason": one.reason, "total": total}
            yield Entry(incident=incident.id, at=now, event=Event.NOBODY_REACHED, details=details)
    if decision.escalation.state is EscalationState.EXHAUSTED:
        yield Entry(incident=incident.id, at=now, event=Event.POLICY_EXHAUSTED, details={"total": total})


def _reached(pages: Sequence[Page], total: int) -> dict[str, str | int]:
    step = pages[0].step
    missed = sorted({order for page in pages for order in page.missed})
    return {
        "step": step.order,
        "total": total,
        "channels": ", ".join(dict.fromkeys(page.channel.value for page in pages)),
        "names": ", ".join(dict.fromkeys(page.recipient.name for page in pages)),
        "missed": ", ".join(str(order) for order in missed),
        "minutes": step.delay_minutes,
    }


def _write(tx: Transaction, fired: Fired, now: datetime) -> None:
    taken = notifications.taken(tx, [key for _, key in fired.notifications])
    fresh = [(notification, key) for notification, key in fired.notifications if key not in taken]
    escalations.save(tx, fired.climbs)
    notifications.add(tx, fresh)
    ids = timeline.add(tx, fired.entries)
    carded = messages.carded(tx, list(fired.incidents))
    pages = [
        Parcel(
            kind=Kind.PAGE,
            incident=notification.incident,
            subject=notification.id,
            due_at=now,
            lane=outbox.posts(notification.recipient.address) if notification.is_to_a_channel else "",
        )
        for notification, _ in fresh
    ]
    cards = [
        Parcel(kind=Kind.CARD, incident=incident, due_at=now, lane=outbox.EDITS)
        for incident in fired.incidents
        if incident in carded
    ]
    lines = [
        Parcel(
            kind=Kind.LINE,
            incident=entry.incident,
            subject=name,
            due_at=now if entry.incident in carded else HELD,
            lane=outbox.posts(fired.incidents[entry.incident].channel),
        )
        for entry, name in zip(fired.entries, ids, strict=True)
    ]
    outbox.put_new(tx, [*pages, *lines])
    outbox.put(tx, cards)
    if fresh:
        homes.refresh(tx, now)
