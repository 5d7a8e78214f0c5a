"""Signs of life of sources: taken in, missed, and an incident for as long as one is silent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain import heartbeats as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.errors import NotFound
from domain.heartbeats import SOURCE, Beat, Heartbeat
from domain.incidents import HEARD_AGAIN
from domain.lifecycle import CALM
from domain.people import Actor, Role
from domain.timeline import Entry, Event
from handlers.incidents import endings, opening, transitions, turns
from storage import catalog, heartbeats, homes, incidents, oversights, timeline
from storage.alone import AGAIN_SECONDS, each_alone
from storage.faults import UNDECIDABLE
from storage.store import Store, Transaction, serialise

MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Pulse:
    """A source, when it was last heard, and the name of its service."""

    heartbeat: Heartbeat
    beat: Beat
    service: str


class HeartbeatService:
    """Takes signs of life, and looks when one is missing. `wake` is called when an incident opens or ends."""

    def __init__(
        self, store: Store, clock: Clock, wake: Callable[[], None], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """`seconds` nobody sets; they ought to pass while the machine sleeps, and hears nobody."""
        self._store = store
        self._clock = clock
        self._wake = wake
        self._seconds = seconds
        self._compared = Directory(revision=-1)
        """The catalog that the sources waited for were last compared with."""
        self._alive_at: float | None = None
        """When this process could last write, by those seconds."""

    async def beat(self, name: str) -> Pulse:
        """A sign of life of the source `name`, in any case, or its id. Its incident is over. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Pulse, bool]:
            serialise(tx, "intake")
            directory, now = catalog.directory(tx), self._clock.now()
            found = _named(directory, name)
            before = heartbeats.beats(tx).get(found.id)
            now_is = rules.heard(found, now)
            heartbeats.put(tx, [now_is])
            is_over = before is not None and rules.is_back(before, found, now) and _over(tx, found, directory, now)
            return Pulse(found, now_is, directory.service_name(found.service)), is_over

        pulse, is_over = await self._store.write(work)
        if is_over:
            self._wake()
        return pulse

    async def show(self, name: str) -> Pulse:
        """One source. Raises NotFound."""

        def work(tx: Transaction) -> Pulse:
            directory = catalog.directory(tx)
            return self._pulse(_named(directory, name), heartbeats.beats(tx), directory)

        return await self._store.read(work)

    async def all(self) -> list[Pulse]:
        """Every source, by name."""

        def work(tx: Transaction) -> list[Pulse]:
            directory, known = catalog.directory(tx), heartbeats.beats(tx)
            found = sorted(directory.heartbeats.values(), key=lambda one: one.name.casefold())
            return [self._pulse(one, known, directory) for one in found]

        return await self._store.read(work)

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When to look again."""
        if self._compared.revision != catalog.revision(tx):
            return self._clock.now()
        return heartbeats.next_wake(tx)

    async def live(self) -> None:
        """Keep that sources can be heard now. When they could not be for long, because Vigie or its database was away,
        all are waited for as much longer."""
        begun = self._seconds()
        since = self._since(begun)
        await self._store.write(lambda tx: self._put_off(tx, since))
        self._alive_at = begun

    async def fire(self) -> None:
        """Wait for what the catalog has new, and open incidents for the silent."""
        begun = self._seconds()
        since = self._since(begun)
        try:
            self._compared, is_opened = await self._store.write(lambda tx: self._look(tx, since))
        except UNDECIDABLE:
            self._compared, is_opened = await self._one_by_one(since)
        self._alive_at = begun
        if is_opened:
            self._wake()

    def _since(self, begun: float) -> timedelta | None:
        """How long ago this process could last write; None when it has just begun."""
        return None if self._alive_at is None else self._clock.span(begun - self._alive_at)

    def _look(self, tx: Transaction, since: timedelta | None) -> tuple[Directory, bool]:
        directory, due = self._due(tx, since)
        return directory, _miss(tx, due, self._clock.now())

    def _due(self, tx: Transaction, since: timedelta | None) -> tuple[Directory, list[Beat]]:
        """The catalog, and who is silent for too long."""
        self._put_off(tx, since)
        directory, now = catalog.directory(tx), self._clock.now()
        if directory.revision != self._compared.revision:
            self._compare(tx, directory, now)
        return directory, heartbeats.due(tx, now, MOST_AT_ONCE)

    async def _one_by_one(self, since: timedelta | None) -> tuple[Directory, bool]:
        """Each by itself: one whose incident can't be read waits a minute, and holds up no other."""
        directory, found = await self._store.write(lambda tx: self._due(tx, since))
        due, now = {one.heartbeat: one for one in found}, self._clock.now()
        later = now + self._clock.span(AGAIN_SECONDS)
        opened = await each_alone(
            self._store,
            due,
            lambda tx, name: _miss(tx, [due[name]], now),
            lambda tx, name: heartbeats.put(tx, [replace(one, wake_at=later) for one in _still(tx, [due[name]])]),
            "nobody can be told of the silence of heartbeat",
        )
        return directory, any(opened.values())

    def _compare(self, tx: Transaction, directory: Directory, now: datetime) -> None:
        """What is waited for is what the catalog has."""
        known, wanted = heartbeats.beats(tx), directory.heartbeats
        kept, was = [], self._compared.heartbeats
        for one in wanted.values():
            before = known.get(one.id)
            after = rules.adjusted(before, one, now, was.get(one.id)) if before else rules.awaited(one, now)
            kept += [after] if after != before else []
        heartbeats.put(tx, kept)
        heartbeats.drop(tx, known.keys() - wanted.keys())

    def _put_off(self, tx: Transaction, since: timedelta | None) -> None:
        """All are waited for as much longer as nobody could be heard: not since the last write of this process, if it
        has made one, nor of another."""
        serialise(tx, "intake")
        deaf = oversights.alive(tx, self._clock.now())
        deaf = deaf if since is None else min(deaf, since)
        if deaf > self._clock.span(rules.DEAF_SECONDS):
            heartbeats.put(tx, [rules.put_off(one, deaf) for one in heartbeats.beats(tx).values() if one.wake_at])

    def _pulse(self, one: Heartbeat, known: dict[str, Beat], directory: Directory) -> Pulse:
        beat = known.get(one.id) or rules.awaited(one, self._clock.now())
        return Pulse(one, beat, directory.service_name(one.service))


def _named(directory: Directory, name: str) -> Heartbeat:
    found = directory.heartbeats.get(name) or directory.heartbeat_by_name(name)
    if found is None:
        raise NotFound(f"there is no heartbeat {name}")
    return found


def _miss(tx: Transaction, due: Sequence[Beat], now: datetime) -> bool:
    """Open incidents for those that are silent; whether there were any."""
    due, known = _still(tx, due), catalog.directory(tx).heartbeats
    # Before the first of them opens: whoever holds an incident asks for allowances, and nobody the other way round.
    incidents.hold(tx, sorted(incidents.open_groups(tx, [(SOURCE, one.heartbeat) for one in due]).values()))
    for one in due:
        _open(tx, known[one.heartbeat], one, now)
    heartbeats.put(tx, [rules.silent(one) for one in due])
    if due:
        homes.refresh(tx, now)
    return bool(due)


def _still(tx: Transaction, due: Sequence[Beat]) -> list[Beat]:
    """Those that are waited for, and that nobody has heard meanwhile."""
    serialise(tx, "intake")
    known, beats = catalog.directory(tx).heartbeats, heartbeats.beats(tx)
    return [one for one in due if one.heartbeat in known and beats.get(one.heartbeat) == one]


def _open(tx: Transaction, one: Heartbeat, beat: Beat, now: datetime) -> None:
    """An incident, or a word under the one about this source that is open."""
    title = f"No sign of life from {one.name}"
    place = (SOURCE, one.id)
    if known := incidents.open_groups(tx, [place]):
        _once_more(tx, known[place], title, now)
        return
    directory = opening.with_triage(tx, now)
    last = f"It was last heard at {beat.heard_at:%Y-%m-%d %H:%M} UTC." if beat.heard_at else "It was never heard."
    draft = opening.Draft(
        title=title,
        description=f"{one.name} says every {one.every_minutes} min that it lives. {last}",
        severity=one.severity,
        service=directory.services.get(one.service) or opening.triage(directory),
        source=SOURCE,
        by=SOURCE,
        key=one.id,
        detected_at=beat.heard_at or now,
    )
    opening.keep(tx, [opening.opening(draft, directory, now, {"source": SOURCE})])


def _once_more(tx: Transaction, incident: str, title: str, now: datetime) -> None:
    """It was heard since, and is silent again: whoever has the incident learns it there, as of an alert that joins, and
    is paged when it was heard for long: they may have gone."""
    incidents.hold(tx, [incident])
    heard = timeline.last_of(tx, [incident], [Event.ALERTS_ENDED]).get(incident)
    details: dict[str, str | int] = {"count": 1, "title": title[:200]}
    transitions.record(tx, now, Entry(incident=incident, at=now, event=Event.ALERT_ADDED, by=SOURCE, details=details))
    transitions.refresh(tx, incident, now, is_answer=False)
    if heard and heard <= now - CALM:
        turns.fire_again(tx, incidents.by_ids(tx, [incident])[incident], SOURCE, now)


def _over(tx: Transaction, one: Heartbeat, directory: Directory, now: datetime) -> bool:
    """It is back: the incident that has its silence resolves itself or says so, as the service is set, and says so
    while something else keeps it open. Whether there was one."""
    place = (SOURCE, one.id)
    about = incidents.open_groups(tx, [place]).get(place)
    found = incidents.hold(tx, [about] if about else [])
    # Somebody may have just ended it.
    incident = next((held for held in incidents.by_ids(tx, found).values() if held.is_open), None)
    if incident is None:
        return False
    service = directory.services.get(incident.service)
    if not endings.over(tx, [incident]):
        details: dict[str, str | int] = {"title": f"No sign of life from {one.name}"}
        entry = Entry(incident=incident.id, at=now, event=Event.ALERT_ENDED, by=SOURCE, details=details)
        transitions.record(tx, now, entry)
    elif service is None or service.auto_resolve:
        actor = Actor(key=f"source:{SOURCE}", name=one.name, role=Role.OPERATOR)
        transitions.resolve(tx, incident, actor, f"{one.name} {HEARD_AGAIN}", "", now)
    else:
        transitions.record(tx, now, Entry(incident=incident.id, at=now, event=Event.ALERTS_ENDED, by=SOURCE))
    homes.refresh(tx, now)
    return True
