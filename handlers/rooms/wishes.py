"""War rooms that are wanted, inside the caller's transaction: the wish is kept before Slack is asked for anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain import rooms as rules
from domain.directory import Directory
from domain.incidents import Incident
from domain.people import Person
from domain.rooms import Room, RoomState
from domain.storms import ROOMS, Allowance, admit
from domain.timeline import Entry, Event
from storage import incidents, rooms, storms, timeline
from storage.store import Transaction

HELD_FOR = timedelta(minutes=5)
"""A room that is held is decided on again after this."""


def want(tx: Transaction, incident: Incident, directory: Directory, now: datetime) -> None:
    """A room for an open incident whose team wants one for it, unless it has one."""
    if incident.is_open and rules.is_wanted(incident, directory) and rooms.look_up(tx, incident.id) is None:
        add(tx, [(incident, rules.wanted(incident))], now)


def add(tx: Transaction, wanted: Sequence[tuple[Incident, Room]], now: datetime) -> None:
    """Keep the wishes for new rooms and let them be made. Those past what a team can use at once are held, which is
    said: until somebody takes the incident, or it is their turn. A drill's never waits."""
    real = [incident for incident, _ in wanted if not incident.is_drill]
    kept, changed = storms.allowances(tx, map(_key, real)), dict[str, Allowance]()
    held = {one.id for one in real if not _may_be_made(one, kept, changed, now)}
    storms.keep(tx, changed, now)
    rooms.add(
        tx, [replace(room, is_held=True, wake_at=now + HELD_FOR) if one.id in held else room for one, room in wanted]
    )
    timeline.add(tx, [_held(one, now) for one in held])
    for incident, _ in wanted:
        if incident.id not in held:
            rooms.queue(tx, incident.id, now)


def release_due(tx: Transaction, now: datetime) -> None:
    """Rooms that were held: as many as a team can use are made, of the worst first; none for what is over."""
    ids = incidents.hold(tx, rooms.held_due(tx, now))
    found = sorted(incidents.by_ids(tx, ids).values(), key=lambda one: (one.severity, one.created_at, one.id))
    waiting = [one for one in found if one.is_open]
    kept, changed = storms.allowances(tx, map(_key, waiting)), dict[str, Allowance]()
    made = {one.id for one in waiting if _may_be_made(one, kept, changed, now)}
    storms.keep(tx, changed, now)
    rooms.release(tx, sorted(made), now)
    for room in rooms.by_incidents(tx, [one.id for one in found if one.id not in made]).values():
        is_over = room.incident not in {one.id for one in waiting}
        after = replace(room, state=RoomState.ARCHIVED, is_held=False, wake_at=None) if is_over else room
        rooms.save(tx, after if is_over else replace(room, wake_at=now + HELD_FOR), "state", "is_held", "wake_at")


def _may_be_made(
    incident: Incident, kept: Mapping[str, Allowance], changed: dict[str, Allowance], now: datetime
) -> bool:
    key = _key(incident)
    verdict = admit(changed.get(key, kept[key]), "", now, ROOMS)
    changed[key] = verdict.allowance
    return verdict.passes


def _key(incident: Incident) -> str:
    return f"room:{incident.team}"


def _held(incident: str, now: datetime) -> Entry:
    """For the record: what is held is said."""
    return Entry(incident=incident, at=now, event=Event.PAGE_HELD, details={"what": "room"})


def invite(tx: Transaction, incident: Incident, people: Sequence[Person]) -> None:
    """Those people come into an incident's room, if it has one; the caller lets it be looked at."""
    room = rooms.look_up(tx, incident.id)
    if room is not None and (room.is_live or room.is_held):
        guests = tuple(dict.fromkeys((*room.guests, *rules.addresses(people))))
        rooms.save(tx, replace(room, guests=guests), "guests")


def merged(tx: Transaction, main: Incident, duplicate: Incident, now: datetime) -> None:
    """Whoever is in the duplicate's room goes on in the main one's, which is made if there is none."""
    left, kept = rooms.look_up(tx, duplicate.id), rooms.look_up(tx, main.id)
    if left is None or not left.is_live:
        return
    people = tuple(dict.fromkeys((*(kept.guests if kept else ()), *left.guests, *left.invited)))
    if kept is None:
        rooms.add(tx, [replace(rules.wanted(main), guests=people)])
    else:
        rooms.save(tx, replace(kept, guests=people, is_held=False), "guests", "is_held")
    rooms.queue(tx, main.id, now)
