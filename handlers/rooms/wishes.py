"""War rooms that are wanted, inside the caller's transaction: the wish is kept before Slack is asked for anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain import rooms as rules
from domain.directory import Directory
from domain.incidents import Incident
from domain.people import Person
from storage import rooms
from storage.store import Transaction


def want(tx: Transaction, incident: Incident, directory: Directory, now: datetime) -> None:
    """A room for an open incident whose team wants one for it, unless it has one."""
    if incident.is_open and rules.is_wanted(incident, directory) and rooms.look_up(tx, incident.id) is None:
        rooms.add(tx, [rules.wanted(incident)])
        rooms.queue(tx, incident.id, now)


def invite(tx: Transaction, incident: Incident, people: Sequence[Person]) -> None:
    """Those people come into an incident's room, if it has one; the caller lets it be looked at."""
    room = rooms.look_up(tx, incident.id)
    if room is not None and room.is_live:
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
        rooms.save(tx, replace(kept, guests=people), "guests")
    rooms.queue(tx, main.id, now)
