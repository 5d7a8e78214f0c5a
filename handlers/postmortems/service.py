"""A post-mortem's life: asked for, written, published or waived; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from domain import postmortems as rules
from domain.clock import Clock
from domain.errors import Conflict, Invalid, NotFound, Outdated
from domain.incidents import Incident
from domain.people import Actor, Permission, may
from domain.postmortems import Postmortem, Record, Texts, Version
from domain.timeline import Entry, Event
from handlers.incidents import transitions
from handlers.incidents.service import permit
from handlers.postmortems.reading import record_of
from handlers.postmortems.requirements import zone_of
from storage import homes, incidents, notices, outbox, postmortems, timeline
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction

VERSIONS_SHOWN = 20
LISTED = 20
Details = dict[str, str | int]


class PostmortemService:
    """Reads and writes post-mortems. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    def today(self) -> date:
        """The day by which it is told what is overdue, where no team's zone is meant."""
        return self._clock.now().date()

    async def show(self, name: str) -> Record:
        """An incident's record, with its post-mortem if one is asked for. Raises NotFound."""
        return await self._store.read(
            lambda tx: record_of(tx, incidents.look_up(tx, name), self._clock.now()),
        )

    async def unfinished(self) -> list[tuple[Postmortem, Incident]]:
        """Those that are due, the most urgent first."""

        def work(tx: Transaction) -> list[tuple[Postmortem, Incident]]:
            due = postmortems.unfinished(tx, LISTED)
            found = incidents.by_ids(tx, [one.incident for one in due])
            return [(one, found[one.incident]) for one in due]

        return await self._store.read(work)

    async def ask(self, name: str, actor: Actor) -> Record:
        """Want one, if there is none yet; who may not write only looks. Raises NotFound."""
        if not may(actor.role, Permission.POSTMORTEM):
            return await self.show(name)

        def work(tx: Transaction, incident: Incident, now: datetime) -> None:
            if postmortems.look_up(tx, incident.id) is not None:
                return
            wanted = Postmortem(incident=incident.id, team=incident.team, asked_by=actor.name)
            if not incident.is_open:
                wanted = rules.resolved(wanted, now, zone_of(tx, incident))
            postmortems.require(tx, wanted)
            _note(tx, incident, Event.POSTMORTEM_ASKED, actor, now)

        return await self._change(name, work)

    async def typed_before(self, name: str, actor: Actor) -> Texts | None:
        """What somebody typed while somebody else saved, None for nothing. Raises NotFound."""
        return await self._store.read(lambda tx: postmortems.draft(tx, actor.key, incidents.look_up(tx, name).id))

    async def save(self, name: str, actor: Actor, base: int, texts: Texts) -> Record:
        """Keep what is written as the next version of version `base`; what says the same is none.

        Raises Outdated when somebody saved meanwhile (what was typed is kept apart, for `typed_before`), Invalid naming
        each section that is too long, Conflict while the incident is open, Forbidden, NotFound.
        """
        permit(actor, Permission.POSTMORTEM)
        faults = list(rules.text_faults(texts))
        if faults:
            raise Invalid(faults)
        newer: list[Version] = []

        def work(tx: Transaction, incident: Incident, now: datetime) -> None:
            one = _of_closed(tx, incident)
            before = postmortems.version(tx, incident.id, one.version)
            if before is not None and one.version != base:
                postmortems.put_draft(tx, actor.key, incident.id, texts, now)
                newer.append(before)
                return
            postmortems.drop_draft(tx, actor.key, incident.id)
            if before is None or dict(before.texts) != dict(texts):
                _keep(tx, one, texts, actor, now, zone_of(tx, incident))

        record = await self._change(name, work)
        if newer:
            raise _overtaken(newer[0])
        return record

    async def history(self, name: str) -> tuple[Record, list[Version]]:
        """The versions, the latest first. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Record, list[Version]]:
            incident = incidents.look_up(tx, name)
            versions = postmortems.history(tx, incident.id, VERSIONS_SHOWN)
            return record_of(tx, incident, self._clock.now()), versions

        return await self._store.read(work)

    async def restore(self, name: str, actor: Actor, number: int) -> Record:
        """Say again what version `number` said, as a new version. Raises NotFound, Forbidden."""
        permit(actor, Permission.POSTMORTEM)

        def work(tx: Transaction, incident: Incident, now: datetime) -> None:
            one, old = _of_closed(tx, incident), postmortems.version(tx, incident.id, number)
            if old is None:
                raise NotFound(f"there is no version {number}")
            if number != one.version:
                _keep(tx, one, old.texts, actor, now, zone_of(tx, incident))

        return await self._change(name, work)

    async def publish(self, name: str, actor: Actor, seen: int = 0) -> Record:
        """Put it in the incident's thread, as a file; `seen` is the version that its publisher has read, 0 for
        whichever it is. Raises Outdated when somebody saved meanwhile, Conflict, Forbidden, NotFound."""
        permit(actor, Permission.POSTMORTEM)

        def work(tx: Transaction, incident: Incident, now: datetime) -> None:
            one = rules.published(_of_closed(tx, incident), actor, now)
            latest = postmortems.version(tx, incident.id, one.version)
            if latest is not None and seen not in (0, latest.number):
                raise _overtaken(latest)
            postmortems.save(tx, one)
            _note(tx, incident, Event.POSTMORTEM_PUBLISHED, actor, now, {"version": one.version})
            subject, due = f"{incident.id}:{one.version}", transitions.under_card(tx, incident.id, now)
            lane = outbox.posts(incident.channel)
            outbox.put(tx, [Parcel(kind=Kind.FILE, incident=incident.id, subject=subject, due_at=due, lane=lane)])
            _settled(tx, one, incident, now)

        return await self._change(name, work)

    async def waive(self, name: str, actor: Actor, reason: str) -> Record:
        """There will be none, for a reason. Raises Invalid naming `reason`, Conflict, Forbidden, NotFound."""
        permit(actor, Permission.WAIVE)

        def work(tx: Transaction, incident: Incident, now: datetime) -> None:
            one = rules.waived(postmortems.find(tx, incident.id), actor, reason.strip())
            postmortems.save(tx, one)
            details: Details = {"reason": one.waived_because}
            entry = Entry(incident=incident.id, at=now, event=Event.POSTMORTEM_WAIVED, by=actor.name, details=details)
            transitions.record(tx, now, entry)
            _settled(tx, one, incident, now)

        return await self._change(name, work)

    async def _change(self, name: str, work: Callable[[Transaction, Incident, datetime], None]) -> Record:
        def whole(tx: Transaction) -> Record:
            incident, now = incidents.find(tx, name), self._clock.now()
            work(tx, incident, now)
            record = record_of(tx, incident, now)
            homes.refresh(tx, now)
            return record

        record = await self._store.write(whole)
        self._wake()
        return record


def _overtaken(by: Version) -> Outdated:
    return Outdated(f"{by.by} changed this post-mortem meanwhile: it is v{by.number} now")


def _of_closed(tx: Transaction, incident: Incident) -> Postmortem:
    """The post-mortem of an incident that is over: before, its record is not whole. Raises Conflict, NotFound."""
    one = postmortems.find(tx, incident.id)
    if incident.is_open:
        raise Conflict(f"{incident.short_id} is not over: its post-mortem is written once it is resolved")
    return one


def _keep(tx: Transaction, one: Postmortem, texts: Texts, actor: Actor, now: datetime, zone: str) -> None:
    after = rules.written(one, now, zone)
    postmortems.save(tx, after)
    postmortems.add_version(tx, one.incident, Version(after.version, now, actor.name, texts))


def _note(
    tx: Transaction, incident: Incident, event: Event, actor: Actor, now: datetime, details: Details | None = None
) -> None:
    timeline.add(tx, [Entry(incident=incident.id, at=now, event=event, by=actor.name, details=details or {})])


def _settled(tx: Transaction, one: Postmortem, incident: Incident, now: datetime) -> None:
    """The last reminder, wherever it was told, says that there is nothing to do any more."""
    if one.reminders:
        notices.again_of(tx, f"postmortem_due:{incident.id}:{one.reminders}:", now)
