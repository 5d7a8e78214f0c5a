"""War rooms: wanted, brought forward step by step, kept until their incidents are forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from domain.rooms import Room, RoomState, Step
from storage.catalog import table
from storage.glances import Glance
from storage.incident_tables import IncidentRow
from storage.outbox import Kind, Parcel, put
from storage.prepared import among, prepared
from storage.room_tables import RoomRow
from storage.store import Transaction

_ROOMS = table(RoomRow)
_INCIDENTS = table(IncidentRow)
_LIVE = (RoomState.WANTED.value, RoomState.OPEN.value)
ROOMS = "rooms"
"""The lane of war rooms: Slack takes twenty calls of each of their methods a minute, in the whole workspace."""


def add(tx: Transaction, rooms: Sequence[Room]) -> None:
    """Keep new rooms: the wish, before anybody is asked for anything."""
    if rooms:
        tx.execute(insert(_ROOMS), [_values(room) for room in rooms])


def save(tx: Transaction, room: Room, *names: str) -> None:
    """Keep `room` as it is now; with `names`, only these fields of it, so that what others change meanwhile stays."""
    values = _values(room)
    said = {name: values[name] for name in names} if names else values
    tx.execute(update(_ROOMS).where(_ROOMS.c.incident == room.incident).values(said))


def look_up(tx: Transaction, incident: str) -> Room | None:
    """An incident's room, None where none was ever wanted."""
    return by_incidents(tx, [incident]).get(incident)


def by_incidents(tx: Transaction, incidents: Sequence[str]) -> dict[str, Room]:
    """The rooms of these incidents, of those that have one."""
    found = tx.execute(_BY_INCIDENTS, {"ids": list(incidents)}) if incidents else ()
    return {row.incident: _read(row) for row in found}


_BY_INCIDENTS = prepared(select(_ROOMS).where(among(_ROOMS.c.incident, "ids")))


def follow(tx: Transaction, incident: str, now: datetime) -> None:
    """Something about an incident changed: let its room, if it has one, be brought in step."""
    if tx.execute(_IS_LIVE, {"of": incident}).first():
        queue(tx, incident, now)


_IS_LIVE = prepared(
    select(_ROOMS.c.incident).where(
        _ROOMS.c.incident == bindparam("of"), _ROOMS.c.state.in_(_LIVE), _ROOMS.c.is_held.is_(False)
    )
)


def queue(tx: Transaction, incident: str, now: datetime) -> None:
    """Let somebody look at an incident's room."""
    put(tx, [parcel(incident, now)])


def parcel(incident: str, now: datetime) -> Parcel:
    """What lets somebody look at a room."""
    return Parcel(kind=Kind.ROOM, incident=incident, due_at=now, lane=ROOMS)


def next_wake(tx: Transaction) -> datetime | None:
    """When a room is to be looked at next."""
    return _NEXT_WAKE.seen(tx)


_NEXT_WAKE = Glance(select(func.min(_ROOMS.c.wake_at)).where(_ROOMS.c.wake_at.is_not(None)))


def wake(tx: Transaction, now: datetime) -> None:
    """Let those whose time has come be looked at; those that are held wait for who decides about them."""
    due = [row.incident for row in tx.execute(_DUE, {"by": now})]
    if due:
        tx.execute(_WOKEN, {"ids": due})
        put(tx, [parcel(incident, now) for incident in due])


_IS_DUE = _ROOMS.c.wake_at <= bindparam("by")
_DUE = prepared(
    select(_ROOMS.c.incident).where(_IS_DUE, _ROOMS.c.is_held.is_(False)).limit(100).with_for_update(skip_locked=True)
)
_WOKEN = prepared(update(_ROOMS).where(among(_ROOMS.c.incident, "ids")).values(wake_at=None), is_heard=False)


def held_due(tx: Transaction, now: datetime) -> list[str]:
    """The incidents whose held room is to be decided on."""
    return list(tx.execute(_HELD_DUE, {"by": now}).scalars())


_HELD_DUE = prepared(select(_ROOMS.c.incident).where(_IS_DUE, _ROOMS.c.is_held).order_by(_ROOMS.c.incident).limit(500))


def release(tx: Transaction, incidents: Sequence[str], now: datetime) -> None:
    """Let the rooms of these that are held be made."""
    held = [one.incident for one in by_incidents(tx, incidents).values() if one.is_held] if incidents else []
    if held:
        tx.execute(_RELEASED, {"ids": held})
        put(tx, [parcel(incident, now) for incident in held])


_RELEASED = prepared(
    update(_ROOMS).where(among(_ROOMS.c.incident, "ids")).values(is_held=False, wake_at=None), is_heard=False
)


def held(tx: Transaction) -> list[tuple[str, int, datetime, datetime]]:
    """For each team (id) how many rooms are held, since when, and when they are decided on again."""
    opened, again = func.min(_INCIDENTS.c.created_at), func.min(_ROOMS.c.wake_at)
    found = (
        select(_INCIDENTS.c.team, func.count(), opened, again)
        .join(_INCIDENTS, _INCIDENTS.c.id == _ROOMS.c.incident)
        .where(_ROOMS.c.is_held, _ROOMS.c.wake_at.is_not(None))
        .group_by(_INCIDENTS.c.team)
    )
    return [(str(row[0]), int(row[1]), row[2], row[3]) for row in tx.execute(found)]


def is_room(tx: Transaction, channel: str) -> bool:
    """Whether a channel is, or was, some incident's war room."""
    return tx.execute(select(_ROOMS.c.incident).where(_ROOMS.c.channel == channel).limit(1)).first() is not None


def _values(room: Room) -> dict[str, Any]:
    said: dict[str, Any] = {name: getattr(room, name) for name in Room.__dataclass_fields__}
    lists = {"guests": list(room.guests), "invited": list(room.invited)}
    return said | lists | {"state": room.state.value, "given_up": [step.value for step in room.given_up]}


def _read(row: Any) -> Room:
    values = {name: getattr(row, name) for name in Room.__dataclass_fields__}
    values |= {"guests": tuple(row.guests), "invited": tuple(row.invited), "state": RoomState(row.state)}
    return Room(**values | {"given_up": tuple(Step(step) for step in row.given_up)})
