"""What a change of an incident carries with it, inside the caller's transaction: the climb, the pages, the record."""

from __future__ import annotations

from datetime import datetime

from domain import escalations as climbs
from domain import incidents as rules
from domain.incidents import Incident
from domain.notifications import NotificationState
from domain.people import Actor
from domain.policies import Channel
from domain.runbooks import StepState
from domain.timeline import Entry, Event
from storage import escalations, incidents, messages, notifications, outbox, runs, timeline
from storage.outbox import HELD, Kind, Parcel
from storage.store import Transaction


def acknowledge(tx: Transaction, incident: Incident, actor: Actor, now: datetime) -> Incident:
    """`incident` acknowledged: the climb stops and what is not sent yet is cancelled."""
    changed = rules.acknowledge(incident, actor, now)
    incidents.save(tx, changed)
    halt(tx, incident.id)
    record(tx, now, Entry(incident=incident.id, at=now, event=Event.ACKNOWLEDGED, by=actor.name))
    refresh(tx, incident.id, now)
    return changed


def resolve(tx: Transaction, incident: Incident, actor: Actor, note: str, root_cause: str, now: datetime) -> Incident:
    """`incident` over: everything stops, and the summary goes out."""
    changed = rules.resolve(incident, actor, note, root_cause, now)
    incidents.save(tx, changed)
    halt(tx, incident.id)
    timeline.add(
        tx, [Entry(incident=incident.id, at=now, event=Event.RESOLVED, by=actor.name, details={"note": note[:2000]})]
    )
    refresh(tx, incident.id, now)
    due = under_card(tx, incident.id, now)
    summary = Parcel(kind=Kind.SUMMARY, incident=incident.id, due_at=due, lane=outbox.posts(incident.channel))
    outbox.put(tx, [summary, *_steps(tx, incident.id, due)])
    return changed


def halt(tx: Transaction, incident: str) -> None:
    """Stop an incident's climb, and cancel what it decided and has not sent."""
    found = escalations.by_incidents(tx, [incident])
    escalations.save(tx, [climbs.stop(escalation) for escalation in found.values()])
    notifications.cancel_waiting(tx, incident)
    outbox.cancel_pages(tx, incident)


def refresh(tx: Transaction, incident: str, now: datetime) -> None:
    """Bring every copy up to date: the card, and the direct messages with buttons."""
    sent = [
        notification
        for notification in notifications.of_incident(tx, incident)
        if notification.channel is Channel.SLACK and notification.state is NotificationState.SENT
    ]
    # A card that is not there yet waits in its channel's lane already, and stays there.
    card = Parcel(kind=Kind.CARD, incident=incident, due_at=now, lane=outbox.EDITS)
    copies = [
        Parcel(kind=Kind.COPY, incident=incident, subject=page.id, due_at=now, lane=outbox.EDITS) for page in sent
    ]
    outbox.put(tx, [card, *copies])


def record(tx: Transaction, now: datetime, *entries: Entry) -> None:
    """Keep `entries` of one incident, and say them in its thread."""
    if not entries:
        return
    ids = timeline.add(tx, entries)
    incident = entries[0].incident
    due, lane = under_card(tx, incident, now), outbox.posts(incidents.channel(tx, incident))
    outbox.put(tx, [Parcel(kind=Kind.LINE, incident=incident, subject=entry, due_at=due, lane=lane) for entry in ids])


def under_card(tx: Transaction, incident: str, now: datetime) -> datetime:
    """When something of the thread may go: now if the card is there, else when the card lets it."""
    return now if messages.has(tx, f"card:{incident}") else HELD


def _steps(tx: Transaction, incident: str, due: datetime) -> list[Parcel]:
    """The steps whose buttons go with the incident: the one that waited, and those that could be rolled back."""
    run = runs.by_incidents(tx, [incident]).get(incident)
    if run is None:
        return []
    done = [went.order for went in run.steps if went.state is StepState.DONE]
    live = [order for order in done if run.step(order)[0].rollback_instructions.strip()]
    return [
        Parcel(kind=Kind.STEP, incident=incident, subject=f"{run.id}:{order}", due_at=due, lane=outbox.EDITS)
        for order in (*live, run.current)
        if order is not None
    ]
