"""What an incident is to others: how bad, who leads it, which it duplicates; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from domain import incidents as rules
from domain.clock import Clock
from domain.errors import Conflict, Fault, Invalid
from domain.incidents import Incident, Severity, Status, already
from domain.people import Actor, Permission, Person
from domain.severities import severity_named
from domain.timeline import Entry, Event
from handlers.incidents import transitions, turns
from handlers.incidents.lifecycle import named
from handlers.incidents.other_ways import OtherWays
from handlers.incidents.raising import change_severity
from handlers.incidents.service import permit
from handlers.postmortems import requirements
from handlers.rooms import wishes
from handlers.storms import cards
from handlers.updates import telling
from storage import alerts, catalog, homes, incidents, outbox
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction, serialise


class RelationService:
    """Grade, name, merge, link. `wake` is called after a change; `ways` lead out what a storm holds of an incident that
    got worse."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None], ways: OtherWays) -> None:
        self._ways = ways
        self._store = store
        self._clock = clock
        self._wake = wake

    async def grade(self, name: str, actor: Actor, severity: str) -> Incident:
        """Say how bad it is. A worse one climbs its own policy anew while nobody has it.

        Raises Invalid naming `severity`, Conflict once it is over or when it is so already, Forbidden, NotFound.
        """
        permit(actor, Permission.SEVERITY)
        wanted = severity_named(severity)
        if wanted is None:
            raise Invalid([Fault("severity", f"must be one of {', '.join(one.value for one in Severity)}")])

        def work(tx: Transaction, now: datetime) -> Incident:
            incident = _open(tx, name)
            if incident.severity is wanted:
                raise Conflict(f"{incident.short_id} has this severity already")
            directory = catalog.directory(tx)
            event = Event.SEVERITY_SET
            return change_severity(tx, incident, wanted, actor.name, directory, now, self._ways, event=event)

        return await self._change(work, name)

    async def lead(self, name: str, actor: Actor, person: str) -> Incident:
        """Name who leads: a handle, a Slack id or a mention. Raises Invalid naming `person`, Conflict, Forbidden."""
        return await self._name(name, actor, person, Event.LEAD_NAMED)

    async def communications(self, name: str, actor: Actor, person: str) -> Incident:
        """Name who tells the others. Raises as `lead`."""
        return await self._name(name, actor, person, Event.COMMUNICATIONS_NAMED)

    async def arrange(self, name: str, actor: Actor, severity: str, lead: str, communications: str) -> Incident:
        """What the form says: how bad it is, who leads and who tells the others by Slack id; "" and what is so already
        changes nothing. Raises as the single changes, naming `lead` and `communications`."""
        permit(actor, Permission.LEAD)
        wanted = severity_named(severity)

        def work(tx: Transaction, now: datetime) -> Incident:
            incident, directory = _open(tx, name), catalog.directory(tx)
            people = {"lead": lead, "communications": communications}
            found = {field: named(directory, said, field) for field, said in people.items() if said}
            if wanted and wanted is not incident.severity:
                permit(actor, Permission.SEVERITY)
                event = Event.SEVERITY_SET
                incident = change_severity(tx, incident, wanted, actor.name, directory, now, self._ways, event=event)
            if "lead" in found:
                incident = _entrust(tx, incident, found["lead"], Event.LEAD_NAMED, actor, now)
            if "communications" in found:
                incident = _entrust(tx, incident, found["communications"], Event.COMMUNICATIONS_NAMED, actor, now)
            return incident

        return await self._change(work, name)

    async def _name(self, name: str, actor: Actor, said: str, event: Event) -> Incident:
        permit(actor, Permission.LEAD)

        def work(tx: Transaction, now: datetime) -> Incident:
            incident = _open(tx, name)
            person = named(catalog.directory(tx), said, "person")
            return _entrust(tx, incident, person, event, actor, now)

        return await self._change(work, name)

    async def merge(self, main: str, duplicate: str, actor: Actor) -> Incident:
        """Close `duplicate` as one of `main`, which gets its alerts, and its severity when that is worse.

        Raises Invalid naming `into`, Conflict when one of them is over, Forbidden, NotFound.
        """
        permit(actor, Permission.MERGE)
        if not main.strip():
            raise Invalid([Fault("into", "say of which incident it is a duplicate")])

        def work(tx: Transaction, now: datetime) -> Incident:
            kept, closed = _both(tx, main, duplicate)
            if kept.id == closed.id:
                raise Invalid([Fault("into", "an incident is no duplicate of itself")])
            return _merge(tx, kept, closed, actor, now, self._ways)

        return await self._change(work, main, duplicate)

    async def link(self, name: str, other: str, actor: Actor) -> Incident:
        """Say of two incidents that they belong together. Raises Invalid naming `with`, Forbidden, NotFound."""
        permit(actor, Permission.NOTE)
        if not other.strip():
            raise Invalid([Fault("with", "say with which incident it belongs together")])

        def work(tx: Transaction, now: datetime) -> Incident:
            one, another = incidents.find(tx, name), incidents.find(tx, other)
            if one.id == another.id:
                raise Invalid([Fault("with", "say with which incident it belongs together")])
            for here, there in ((one, another), (another, one)):
                transitions.record(tx, now, _about(here, there, Event.LINKED, actor, now))
            return one

        return await self._change(work, name, other)

    async def _change(self, work: Callable[[Transaction, datetime], Incident], *names: str) -> Incident:
        """`names` are the incidents that `work` is about. They are held before the time is asked, and in one order for
        everybody: two who merge them crosswise must not wait for each other."""

        def whole(tx: Transaction) -> Incident:
            incidents.hold(tx, sorted({incidents.look_up(tx, name).id for name in names}))
            # The policy that a worse one climbs, and whoever is named, is not removed meanwhile.
            serialise(tx, "catalog")
            now = self._clock.now()
            incident = work(tx, now)
            homes.refresh(tx, now)
            return incident

        incident = await self._store.act(whole)
        self._wake()
        return incident


def _entrust(
    tx: Transaction, incident: Incident, person: Person, event: Event, actor: Actor, now: datetime
) -> Incident:
    """Give somebody a role, and tell them when it was another's doing."""
    is_lead = event is Event.LEAD_NAMED
    changed = replace(incident, lead=person.id) if is_lead else replace(incident, communications=person.id)
    if changed == incident:
        return incident
    incidents.save(tx, changed)
    details: dict[str, str | int] = {"name": person.name}
    if person.slack and person.id != actor.person:
        details["slack"] = person.slack
    (kept,) = transitions.record(
        tx, now, Entry(incident=incident.id, at=now, event=event, by=actor.name, details=details)
    )
    if "slack" in details:
        lane = outbox.direct(str(details["slack"]))
        outbox.put(tx, [Parcel(kind=Kind.WORD, incident=incident.id, subject=kept, due_at=now, lane=lane)])
    transitions.refresh(tx, incident.id, now)
    return changed


def _open(tx: Transaction, name: str) -> Incident:
    incident = incidents.find(tx, name)
    if not incident.is_open:
        raise Conflict(already(incident))
    return incident


def _both(tx: Transaction, main: str, duplicate: str) -> tuple[Incident, Incident]:
    kept, closed = incidents.find(tx, main), incidents.find(tx, duplicate)
    for incident in (kept, closed):
        if not incident.is_open:
            raise Conflict(already(incident))
    if kept.is_drill or closed.is_drill:
        raise Conflict("a drill is no duplicate of anything")
    return kept, closed


def _merge(
    tx: Transaction, main: Incident, duplicate: Incident, actor: Actor, now: datetime, ways: OtherWays
) -> Incident:
    closed = rules.resolve(duplicate, actor, "", "", now)
    incidents.save(tx, replace(closed, duplicate_of=main.id))
    alerts.move(tx, duplicate.id, main.id)
    requirements.merged(tx, main, duplicate)
    telling.over(tx, duplicate, now)
    left = turns.still_to_climb(tx, duplicate, now)
    transitions.halt(tx, duplicate.id)
    transitions.record(tx, now, _about(duplicate, main, Event.DUPLICATE, actor, now))
    main, said = turns.climb_on(tx, main, left)
    merged = _about(main, duplicate, Event.MERGED, actor, now)
    transitions.record(tx, now, replace(merged, details={**merged.details, **said}))
    transitions.refresh(tx, duplicate.id, now)
    transitions.refresh_steps(tx, duplicate.id, now)
    cards.over(tx, closed, now)
    if duplicate.severity < main.severity:
        main = change_severity(tx, main, duplicate.severity, actor.name, catalog.directory(tx), now, ways)
        if duplicate.status is Status.TRIGGERED and not turns.is_theirs(main, actor):
            turns.get_worse(tx, main, actor.name, now)
            main = incidents.find(tx, main.id)
    wishes.merged(tx, main, duplicate, now)
    transitions.refresh(tx, main.id, now)
    return main


def _about(here: Incident, there: Incident, event: Event, actor: Actor, now: datetime) -> Entry:
    details: dict[str, str | int] = {"id": there.short_id, "title": there.title[:200], "incident": there.id}
    return Entry(incident=here.id, at=now, event=event, by=actor.name, details=details)
