"""Status updates that are due: whoever tells the others is reminded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from domain import updates as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.escalations import address_of
from domain.incidents import Incident
from domain.policies import Channel
from domain.timeline import Entry, Event
from domain.updates import Watch
from storage import catalog, incidents, outbox, timeline, updates
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction


class UpdateReminders:
    """Reminds when others have heard nothing for too long. `stir` is called when there is something to send."""

    def __init__(self, store: Store, clock: Clock, stir: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._stir = stir

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When the next one is due."""
        return updates.next_wake(tx)

    async def fire(self) -> None:
        """Remind of those that are due."""
        await self._store.write(lambda tx: remind(tx, self._clock.now()))
        self._stir()


def remind(tx: Transaction, now: datetime) -> None:
    """Queue the reminders that are due at `now`; an incident that another process is at is left to it."""
    for name in incidents.hold(tx, sorted(updates.due(tx, now)), skip_held=True):
        watch = updates.by_incidents(tx, [name]).get(name)
        incident = incidents.by_ids(tx, [name])[name]
        if watch is None or watch.wake_at is None or watch.wake_at > now:
            continue
        if not incident.is_open:
            updates.drop(tx, name)
        else:
            updates.put(tx, _reminded(tx, watch, incident, catalog.directory(tx), now))


def _reminded(tx: Transaction, watch: Watch, incident: Incident, directory: Directory, now: datetime) -> Watch:
    """Whoever tells the others, by a direct message; while nobody does, or it is snoozed, a little later."""
    if incident.is_snoozed and incident.snoozed_until:
        return replace(watch, wake_at=max(incident.snoozed_until, now + rules.NOBODY_YET))
    person = rules.teller(incident, directory)
    slack = address_of(person, Channel.SLACK) if person else ""
    if person is None or not slack:
        return replace(watch, wake_at=now + rules.NOBODY_YET)
    details: dict[str, str | int] = {"name": person.name, "slack": slack}
    entry = Entry(incident=incident.id, at=now, event=Event.UPDATE_DUE, by="Vigie", details=details)
    (kept,) = timeline.add(tx, [entry])
    outbox.put(
        tx,
        [Parcel(kind=Kind.WORD, incident=incident.id, subject=kept, due_at=now, lane=outbox.direct(slack))],
    )
    return rules.reminded(watch, now)
