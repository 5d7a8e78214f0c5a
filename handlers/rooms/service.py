"""A war room asked for by hand; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain import rooms as rules
from domain.clock import Clock
from domain.errors import Conflict
from domain.incidents import Incident, already
from domain.people import Actor, Permission
from domain.rooms import Room
from handlers.incidents.service import permit
from storage import incidents, rooms
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """The room that somebody asked for, and its incident."""

    incident: Incident
    room: Room


class RoomService:
    """Opens rooms by hand. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def open(self, name: str, actor: Actor) -> Asked:
        """An incident's room, made if there is none, with whoever asks in it. What Slack refused before is tried again.

        Raises Conflict once the incident is over, Forbidden, NotFound.
        """
        permit(actor, Permission.ROOM)

        def work(tx: Transaction) -> Asked:
            incident = incidents.find(tx, name)
            if not incident.is_open:
                raise Conflict(already(incident))
            before = rooms.look_up(tx, incident.id)
            room = rules.asked_again(before or _none(incident), incident, actor.slack, actor.name)
            if before is None:
                rooms.add(tx, [room])
            else:
                rooms.save(tx, room, *(_CHANGED if before.is_live else ()))
            rooms.queue(tx, incident.id, self._clock.now())
            return Asked(incident, room)

        asked = await self._store.act(work)
        self._wake()
        return asked


_CHANGED = ("guests", "given_up")


def _none(incident: Incident) -> Room:
    """Where there was no room so far."""
    return Room(incident=incident.id, state=rules.RoomState.FAILED)
