"""What is written down when something has been done for a war room, in one transaction with what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from domain.directory import Directory
from domain.errors import DeliveryError
from domain.incidents import Incident
from domain.rooms import Room, RoomState, Step
from domain.timeline import Entry, Event
from handlers.incidents import transitions
from storage import incidents, messages, outbox, rooms
from storage.messages import Place
from storage.outbox import Kind, Parcel
from storage.store import Transaction

_REASON_KEPT = 300


def opened(tx: Transaction, room: Room, channel: str, incident: Incident, now: datetime) -> None:
    """There is a channel: said in the thread and on the card, and what waited to be said in it may go."""
    incidents.hold(tx, [incident.id])
    before = rooms.look_up(tx, incident.id)
    if before is None or before.channel:
        return
    there = replace(before, channel=channel, name=room.name, state=RoomState.OPEN, opened_at=now)
    rooms.save(tx, there, "channel", "name", "state", "opened_at")
    messages.put_channel(tx, room.name, channel)
    details: dict[str, str | int] = {"channel": channel, "name": room.name}
    _record(tx, incident, Event.ROOM_OPENED, details, now, room.asked_by)
    outbox.put(tx, [Parcel(kind=Kind.CARD, incident=incident.id, due_at=now, lane=outbox.EDITS)])
    outbox.release(tx, [incident.id], now)


def carded(tx: Transaction, room: Room, place: Place) -> None:
    """The card is in the room."""
    messages.put(tx, [place])
    rooms.save(tx, replace(room, is_carded=True), "is_carded")


def invited(
    tx: Transaction, room: Room, refused: Mapping[str, str], incident: Incident, directory: Directory, now: datetime
) -> None:
    """Whom Slack lets in is in; the others are named, once."""
    rooms.save(tx, room, "invited")
    if not refused:
        return
    known = {user: directory.person_by_slack(user) or directory.person_by_email(user) for user in refused}
    names = ", ".join(person.name if person else user for user, person in known.items())
    details: dict[str, str | int] = {"step": Step.INVITE.value, "names": names[:_REASON_KEPT]}
    _record(tx, incident, Event.ROOM_FAILED, details | {"code": ", ".join(dict.fromkeys(refused.values()))}, now)


def refused(tx: Transaction, room: Room, step: Step, incident: Incident, error: DeliveryError, now: datetime) -> None:
    """Slack refuses it for good: said once, with who can mend it. Without a channel there is no room."""
    incidents.hold(tx, [incident.id])
    if step is Step.CREATE:
        rooms.save(tx, replace(room, state=RoomState.FAILED), "state")
    else:
        rooms.save(tx, replace(room, given_up=(*room.given_up, step)), "given_up")
    details: dict[str, str | int] = {"step": step.value, "code": error.code, "needed": error.needed[:100]}
    _record(tx, incident, Event.ROOM_FAILED, details | {"reason": error.reason[:_REASON_KEPT]}, now)


def lost(tx: Transaction, room: Room, incident: Incident, now: datetime) -> None:
    """Somebody archived the channel, or took it away."""
    incidents.hold(tx, [incident.id])
    rooms.save(
        tx, replace(room, state=RoomState.ARCHIVED, archived_at=now, wake_at=None), "state", "archived_at", "wake_at"
    )
    event = Event.ROOM_LOST if incident.is_open else Event.ROOM_ARCHIVED
    _record(tx, incident, event, {"channel": room.channel, "name": room.name}, now)
    transitions.refresh(tx, incident.id, now)


def archived(tx: Transaction, room: Room, incident: Incident, now: datetime) -> None:
    """The channel is archived."""
    incidents.hold(tx, [incident.id])
    rooms.save(
        tx, replace(room, state=RoomState.ARCHIVED, archived_at=now, wake_at=None), "state", "archived_at", "wake_at"
    )
    _record(tx, incident, Event.ROOM_ARCHIVED, {"channel": room.channel, "name": room.name}, now)


def _record(
    tx: Transaction, incident: Incident, event: Event, details: dict[str, str | int], now: datetime, by: str = "Vigie"
) -> None:
    said = {**details, "id": incident.short_id}
    transitions.record(tx, now, Entry(incident=incident.id, at=now, event=event, by=by or "Vigie", details=said))
