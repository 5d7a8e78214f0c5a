"""Status updates by those who tell the others; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain import snoozes
from domain import updates as rules
from domain.clock import Clock
from domain.errors import Conflict, Fault, Invalid
from domain.incidents import Incident, already
from domain.people import Actor, Permission
from domain.timeline import Entry, Event
from domain.updates import Update, Watch
from handlers.incidents import transitions
from handlers.incidents.service import permit
from handlers.updates import telling
from storage import catalog, homes, incidents, outbox, rooms, updates
from storage.outbox import HELD, Kind, Parcel
from storage.store import Store, Transaction


class UpdateService:
    """Tell, be reminded later, or no more. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def post(
        self, name: str, actor: Actor, text: str, impact: str = "", doing: str = "", next_update: str = ""
    ) -> Incident:
        """Tell the thread, the channel, the war room and the stakeholders. `next_update` is when the next one comes:
        "30m", or "09:00" on the team's clock.

        Raises Invalid naming `text` or `next_update`, Conflict once it is over, Forbidden, NotFound.
        """
        permit(actor, Permission.NOTE)

        def work(tx: Transaction, incident: Incident, now: datetime) -> None:
            directory = catalog.directory(tx)
            team = directory.teams.get(incident.team)
            due = _due(next_update, now, team.on_call.timezone if team else "UTC")
            update = rules.checked(text, impact, doing, due)
            entry = _entry(incident, Event.STATUS_UPDATE, actor, update, now)
            (kept,) = transitions.record(tx, now, entry)
            _say_in_the_room(tx, incident, kept, now)
            telling.updated(tx, incident, directory, kept, now)
            watch = updates.by_incidents(tx, [incident.id]).get(incident.id)
            if watch or due:
                updates.put(tx, rules.told(watch or _asked_for(incident), update, now))

        return await self._change(name, work)

    async def snooze(self, name: str, actor: Actor) -> Incident:
        """Be reminded a quarter of an hour later. Raises Conflict when nobody is to be reminded, Forbidden."""
        return await self._answer(name, actor, Event.UPDATE_SNOOZED, rules.snoozed)

    async def dismiss(self, name: str, actor: Actor) -> Incident:
        """No more reminders of this incident, until somebody tells something. Raises as `snooze`."""
        return await self._answer(name, actor, Event.UPDATES_DISMISSED, lambda watch, _: rules.dismissed(watch))

    async def _answer(
        self, name: str, actor: Actor, event: Event, change: Callable[[Watch, datetime], Watch]
    ) -> Incident:
        permit(actor, Permission.NOTE)

        def work(tx: Transaction, incident: Incident, now: datetime) -> None:
            watch = updates.by_incidents(tx, [incident.id]).get(incident.id)
            if watch is None:
                raise Conflict("nobody is reminded of status updates for this incident")
            updates.put(tx, change(watch, now))
            transitions.record(tx, now, Entry(incident=incident.id, at=now, event=event, by=actor.name))

        return await self._change(name, work)

    async def _change(self, name: str, work: Callable[[Transaction, Incident, datetime], None]) -> Incident:
        def whole(tx: Transaction) -> Incident:
            incident, now = incidents.find(tx, name), self._clock.now()
            if not incident.is_open:
                raise Conflict(already(incident))
            work(tx, incident, now)
            transitions.refresh(tx, incident.id, now)
            homes.refresh(tx, now)
            return incident

        incident = await self._store.act(whole)
        self._wake()
        return incident


def _due(said: str, now: datetime, zone: str) -> datetime | None:
    """When the next update comes. Raises Invalid naming `next_update`."""
    if not said.strip():
        return None
    try:
        return snoozes.until(said, now, zone)
    except Invalid as error:
        raise Invalid([Fault("next_update", fault.message) for fault in error.faults]) from None


def _entry(incident: Incident, event: Event, actor: Actor, update: Update, now: datetime) -> Entry:
    return Entry(incident=incident.id, at=now, event=event, by=actor.name, details=update.details())


def _asked_for(incident: Incident) -> Watch:
    """Where the team wants no reminders, but somebody has said when the next update comes."""
    return Watch(incident=incident.id, minutes=0, wake_at=None)


def _say_in_the_room(tx: Transaction, incident: Incident, entry: str, now: datetime) -> None:
    room = rooms.look_up(tx, incident.id)
    if room is None or not room.is_live:
        return
    lane, due = outbox.posts(room.channel), now if room.channel else HELD
    outbox.put(tx, [Parcel(kind=Kind.ROOM_LINE, incident=incident.id, subject=entry, due_at=due, lane=lane)])
