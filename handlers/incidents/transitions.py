"""What a change of an incident carries with it, inside the caller's transaction: the climb, the pages, the record."""

from __future__ import annotations

from datetime import datetime

from domain import escalations as climbs
from domain import incidents as rules
from domain import lifecycle, rollbacks
from domain.errors import Conflict
from domain.incidents import Incident, Status
from domain.notifications import NotificationState
from domain.people import Actor
from domain.policies import Channel
from domain.timeline import Entry, Event
from domain.webhooks import is_webhook
from handlers.drills import ending
from handlers.incidents import requests
from handlers.postmortems import requirements
from handlers.storms import cards, holding
from handlers.updates import telling
from storage import escalations, incidents, messages, notifications, outbox, rooms, runs, timeline, versions
from storage.outbox import HELD, Kind, Parcel
from storage.store import Transaction


def acknowledge(
    tx: Transaction, incident: Incident, actor: Actor, now: datetime, *, with_others: bool = False
) -> Incident:
    """`incident` acknowledged: the climb stops and what is not sent yet is cancelled. `with_others` when it is one of
    many that somebody takes at once: a card that a storm holds then waits for its end."""
    changed = rules.acknowledge(incident, actor, now)
    incidents.save(tx, changed)
    if not with_others:
        cards.touched(tx, changed, now)
    quieten(tx, incident.id)
    watch(tx, changed, now)
    runs.look_again(tx, incident.id, now)
    tell(tx, incident, Event.ACKNOWLEDGED, actor, {}, now)
    return changed


def take(tx: Transaction, incident: Incident, actor: Actor, now: datetime) -> Incident:
    """`incident` acknowledged by whoever answers a page without seeing what became of it since: nothing is taken from
    somebody who snoozed or mitigated it. Raises Conflict."""
    if incident.status is not Status.TRIGGERED:
        raise Conflict(rules.already(incident))
    return acknowledge(tx, incident, actor, now)


def resolve(tx: Transaction, incident: Incident, actor: Actor, note: str, root_cause: str, now: datetime) -> Incident:
    """`incident` over: everything stops, and the summary goes out."""
    changed = rules.resolve(incident, actor, note, root_cause, now)
    incidents.save(tx, changed)
    halt(tx, incident.id)
    timeline.add(
        tx, [Entry(incident=incident.id, at=now, event=Event.RESOLVED, by=actor.name, details={"note": note[:2000]})]
    )
    refresh(tx, incident.id, now)
    requests.void_all(tx, incident.id, actor.name, now)
    due = under_card(tx, incident.id, now)
    ending.over(tx, changed, now, due)
    telling.over(tx, changed, now)
    summary = Parcel(kind=Kind.SUMMARY, incident=incident.id, due_at=due, lane=outbox.posts(incident.channel))
    outbox.put_answers(tx, [summary, *_steps(tx, incident.id, due)])
    wanted = requirements.over(tx, changed, now)
    if wanted and wanted.due_on:
        until: dict[str, str | int] = {"until": wanted.due_on.isoformat(), "step": wanted.step, "name": wanted.asked_by}
        record(tx, now, Entry(incident=incident.id, at=now, event=Event.POSTMORTEM_DUE, details=until))
    cards.over(tx, changed, now)
    return changed


def hurry(tx: Transaction, incident: Incident, actor: Actor, now: datetime) -> None:
    """Fire the next step now. Raises Conflict when nobody is left to climb to, or somebody has it."""
    climb = escalations.by_incidents(tx, [incident.id]).get(incident.id)
    if incident.status is not Status.TRIGGERED:
        raise Conflict(rules.already(incident))
    if climb is None or climb.wake_at is None:
        raise Conflict("the escalation policy has no further step")
    escalations.hurry(tx, incident.id, now)
    timeline.add(tx, [Entry(incident=incident.id, at=now, event=Event.HURRIED, by=actor.name)])


def halt(tx: Transaction, incident: str) -> None:
    """Stop an incident's climb, and cancel what it decided and has not sent."""
    found = escalations.by_incidents(tx, [incident])
    escalations.save(tx, [climbs.stop(escalation) for escalation in found.values()])
    quieten(tx, incident)


def quieten(tx: Transaction, incident: str, person: str = "") -> None:
    """Cancel what was decided and is not sent, to anybody or to one person."""
    cancelled = notifications.cancel_waiting(tx, incident, person)
    holding.cancel(tx, incident, cancelled if person else None)


def watch(tx: Transaction, incident: Incident, now: datetime) -> None:
    """Let the climb rest while somebody has the incident, and look after them if the policy says so."""
    for climb in escalations.by_incidents(tx, [incident.id]).values():
        policy = versions.policy(tx, climb.policy_version)
        escalations.save(tx, [lifecycle.watched(climb, policy, now, incident.owner)])


def refresh(tx: Transaction, incident: str, now: datetime, *, is_answer: bool = True) -> None:
    """Bring every copy up to date: the card, the war room, and the direct messages with buttons. `is_answer` when
    somebody has clicked and waits to see it."""
    sent = [
        notification
        for notification in notifications.of_incident(tx, incident)
        if notification.channel is Channel.SLACK and notification.state is NotificationState.SENT
    ]
    # A card that is not there yet waits in its channel's lane already, and stays there.
    card = Parcel(kind=Kind.CARD, incident=incident, due_at=now, lane=outbox.EDITS)
    places = messages.of_incidents(tx, [incident])
    copies = [
        Parcel(kind=Kind.COPY, incident=incident, subject=page.id, due_at=now, lane=outbox.copies(page))
        for page in sent
        # What a message for many said of it, or a line under its card, is no copy.
        if f"page:{page.id}" in places or is_webhook(page.recipient.address)
    ]
    words = [
        Parcel(kind=Kind.WORD, incident=incident, subject=key.removeprefix("word:"), due_at=now, lane=outbox.EDITS)
        for key in places
        if key.startswith("word:")
    ]
    if f"room:{incident}" in places:
        subject = f"room:{incident}"
        copies.append(Parcel(kind=Kind.COPY, incident=incident, subject=subject, due_at=now, lane=outbox.EDITS))
    rooms.follow(tx, incident, now)
    telling.follow(tx, incident, now)
    (outbox.put_answers if is_answer else outbox.put)(tx, [card, *copies, *words])
    cards.changed(tx, incident, now)


def record(tx: Transaction, now: datetime, *entries: Entry) -> list[str]:
    """Keep `entries` of one incident, and say them in its thread; answers their ids."""
    if not entries:
        return []
    ids = timeline.add(tx, entries)
    incident = entries[0].incident
    due, lane = under_card(tx, incident, now), outbox.posts(incidents.channel(tx, incident))
    outbox.put(tx, [Parcel(kind=Kind.LINE, incident=incident, subject=entry, due_at=due, lane=lane) for entry in ids])
    return ids


def under_card(tx: Transaction, incident: str, now: datetime) -> datetime:
    """When something of the thread may go: now if the card is there, else when the card lets it."""
    return now if messages.has(tx, f"card:{incident}") else HELD


def refresh_steps(tx: Transaction, incident: str, now: datetime) -> None:
    """Take the buttons from the steps and the requests of an incident that is over."""
    requests.void_all(tx, incident, "", now)
    outbox.put(tx, _steps(tx, incident, under_card(tx, incident, now)))


def _steps(tx: Transaction, incident: str, due: datetime) -> list[Parcel]:
    """The steps whose buttons go with the incident: the one that waited, and those that could be rolled back."""
    run = runs.by_incidents(tx, [incident]).get(incident)
    if run is None:
        return []
    asked = run.current if run.current and run.step(run.current)[1].asked_at else None
    pending = (*rollbacks.pending(run), run.current)
    live = {Kind.STEP: pending, Kind.ROLLBACK: (rollbacks.turn(run),), Kind.OVERDUE: (asked,)}
    overview = Parcel(kind=Kind.RUN, incident=incident, due_at=due, lane=outbox.EDITS)
    return [
        *([overview] if rollbacks.may_abort(run) else []),
        *(
            Parcel(kind=kind, incident=incident, subject=f"{run.id}:{order}", due_at=due, lane=outbox.EDITS)
            for kind, orders in live.items()
            for order in orders
            if order is not None
        ),
    ]


def tell(
    tx: Transaction, before: Incident, event: Event, actor: Actor, details: dict[str, str | int], now: datetime
) -> None:
    """Record what happened, and tell whoever had the incident when somebody else did it."""
    is_theirs = before.owner == actor.person if before.owner else before.acknowledged_slack == actor.slack
    is_anothers = bool(before.owner or before.acknowledged_slack) and not is_theirs
    if is_anothers:
        details = {**details, "former": before.acknowledged_by, "slack": before.acknowledged_slack}
    entry = Entry(incident=before.id, at=now, event=event, by=actor.name, details=details)
    (kept,) = record(tx, now, entry)
    if details.get("slack"):
        lane = outbox.direct(str(details["slack"]))
        outbox.put(tx, [Parcel(kind=Kind.WORD, incident=before.id, subject=kept, due_at=now, lane=lane)])
    refresh(tx, before.id, now)
