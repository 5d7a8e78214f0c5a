"""What people do to incidents; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from domain.incidents import Incident, Severity, Status, already
from domain.notifications import Notification
from domain.people import Actor, Permission, Service, may, needed
from domain.runbooks import Run
from domain.timeline import Entry, Event
from handlers.incidents import transitions
from handlers.incidents.opening import Opening
from storage import catalog, escalations, incidents, messages, notifications, runs, timeline
from storage.identifiers import new_id, new_short_id
from storage.incidents import Query
from storage.store import Store, Transaction, serialise


@dataclass(frozen=True, slots=True)
class Detail:
    """An incident with what the catalog says of it and what happened."""

    incident: Incident
    directory: Directory
    timeline: tuple[Entry, ...] = ()
    run: Run | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What somebody says who opens an incident. `service` is an id or a name; `key` tells two tries of one apart from
    two incidents; `url` is where it was first spoken of."""

    title: str
    service: str
    severity: Severity
    key: str
    description: str = ""
    url: str = ""


DECLARED = "declared"
"""The source of incidents that people open."""
MOST_MEANT = 200
LONGEST_TITLE = 250
LONGEST_DESCRIPTION = 3000


@dataclass(frozen=True, slots=True)
class Sent:
    """A notification with its attempts."""

    notification: Notification
    attempts: tuple[dict[str, object], ...]


def permit(actor: Actor, permission: Permission) -> None:
    """Let `actor` pass. Raises Forbidden with the role that it takes."""
    if not may(actor.role, permission):
        raise Forbidden(f"{permission.value} takes the role {needed(permission).value}; yours is {actor.role.value}")


class IncidentService:
    """Acknowledge, resolve, escalate, look. `wake` is called after a change: something may be due."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def acknowledge(self, name: str, actor: Actor) -> Incident:
        """Take an incident (id or short id). Raises Conflict when somebody has it, Forbidden, NotFound."""
        permit(actor, Permission.ACKNOWLEDGE)

        def work(tx: Transaction) -> Incident:
            return transitions.acknowledge(tx, incidents.find(tx, name), actor, self._clock.now())

        return await self._change(work)

    async def resolve(self, name: str, actor: Actor, note: str, root_cause: str = "") -> Incident:
        """End an incident with a note. Raises Invalid without one, Conflict, Forbidden, NotFound."""
        permit(actor, Permission.RESOLVE)
        if not note.strip():
            raise Invalid([Fault("note", "say in a line what mended it")])

        def work(tx: Transaction) -> Incident:
            incident = incidents.find(tx, name)
            return transitions.resolve(tx, incident, actor, note.strip(), root_cause.strip(), self._clock.now())

        return await self._change(work)

    async def escalate(self, name: str, actor: Actor) -> Incident:
        """Fire the next step now. Raises Conflict when nobody is left to climb to, or somebody has it."""
        permit(actor, Permission.ESCALATE)

        def work(tx: Transaction) -> Incident:
            incident = incidents.find(tx, name)
            climb = escalations.by_incidents(tx, [incident.id]).get(incident.id)
            if incident.status is not Status.TRIGGERED:
                raise Conflict(already(incident))
            if climb is None or climb.wake_at is None:
                raise Conflict("the escalation policy has no further step")
            escalations.hurry(tx, incident.id, self._clock.now())
            return incident

        return await self._change(work)

    async def note(self, name: str, actor: Actor, text: str) -> Incident:
        """Keep a note in an incident's timeline. Raises Invalid when it is empty."""
        permit(actor, Permission.NOTE)
        if not text.strip():
            raise Invalid([Fault("text", "write something")])

        def work(tx: Transaction) -> Incident:
            incident = incidents.find(tx, name)
            now = self._clock.now()
            details: dict[str, str | int] = {"text": text.strip()[:2000]}
            entry = Entry(incident=incident.id, at=now, event=Event.NOTE, by=actor.name, details=details)
            transitions.record(tx, now, entry)
            return incident

        return await self._change(work)

    async def declare(self, draft: Declaration, actor: Actor) -> Incident:
        """Open an incident by hand. The same declaration sent twice is one incident.

        Raises Invalid without a title or with an unknown service, Forbidden.
        """
        permit(actor, Permission.DECLARE)

        def work(tx: Transaction) -> Incident:
            serialise(tx, "intake")
            directory = catalog.directory(tx)
            service = _service(draft, directory)
            there = incidents.open_groups(tx, [(DECLARED, draft.key)]).get((DECLARED, draft.key))
            if there:
                return incidents.find(tx, there)
            opening = Opening(directory, self._clock.now())
            incident = opening.open(_declared(draft, service, opening.now), actor.name, {"source": DECLARED})
            opening.write(tx)
            return incident

        return await self._change(work)

    async def meant(self, channel: str, channel_name: str, statuses: tuple[Status, ...]) -> list[Detail]:
        """The incidents in `statuses` that somebody in a Slack channel can mean: those with a card there, else all."""
        query = Query(statuses=tuple(status.value for status in statuses), limit=MOST_MEANT)

        def work(tx: Transaction) -> list[Detail]:
            directory = catalog.directory(tx)
            _, found = incidents.listed(tx, query)
            here = [one for one in found if one.channel in (channel, f"#{channel_name}")]
            return [Detail(incident, directory) for incident in here or found]

        return await self._store.read(work)

    async def at(self, channel: str, ts: str) -> Incident | None:
        """The incident that a message of Vigie's in Slack is about."""

        def work(tx: Transaction) -> Incident | None:
            name = messages.incident_at(tx, channel, ts)
            return incidents.find(tx, name) if name else None

        return await self._store.read(work)

    async def refresh(self, name: str) -> Incident:
        """Bring an incident's card and copies up to date: for buttons of another time."""

        def work(tx: Transaction) -> Incident:
            incident = incidents.find(tx, name)
            transitions.refresh(tx, incident.id, self._clock.now())
            return incident

        return await self._change(work)

    async def show(self, name: str) -> Detail:
        """An incident with its timeline. Raises NotFound."""

        def work(tx: Transaction) -> Detail:
            incident = incidents.find(tx, name)
            entries = tuple(timeline.of_incident(tx, incident.id))
            run = runs.by_incidents(tx, [incident.id]).get(incident.id)
            return Detail(incident, catalog.directory(tx), entries, run)

        return await self._store.read(work)

    async def listed(self, query: Query) -> tuple[int, list[Detail]]:
        """How many incidents there are of a kind, and a page of them."""

        def work(tx: Transaction) -> tuple[int, list[Detail]]:
            count, found = incidents.listed(tx, query)
            directory = catalog.directory(tx)
            return count, [Detail(incident, directory) for incident in found]

        return await self._store.read(work)

    async def notifications(self, name: str) -> list[Sent]:
        """Every page of an incident with its receipt. Raises NotFound."""

        def work(tx: Transaction) -> list[Sent]:
            incident = incidents.find(tx, name)
            made = notifications.of_incident(tx, incident.id)
            tries = notifications.attempts(tx, [notification.id for notification in made])
            return [Sent(notification, tuple(tries[notification.id])) for notification in made]

        return await self._store.read(work)

    async def actor(self, slack: str, name: str, admins: frozenset[str]) -> Actor:
        """Who a Slack user is."""
        return await self._store.read(lambda tx: catalog.directory(tx).actor_by_slack(slack, name, admins))

    async def directory(self) -> Directory:
        """The catalog of now."""
        return await self._store.read(catalog.directory)

    async def _change(self, work: Callable[[Transaction], Incident]) -> Incident:
        incident = await self._store.write(work)
        self._wake()
        return incident


def _service(draft: Declaration, directory: Directory) -> Service:
    faults = [] if draft.title.strip() else [Fault("title", "say in a line what is wrong")]
    service = directory.services.get(draft.service) or directory.service_by_name(draft.service)
    if service is None:
        faults.append(Fault("service", "there is no such service any more"))
    if service is None or faults:
        raise Invalid(faults)
    return service


def _declared(draft: Declaration, service: Service, now: datetime) -> Incident:
    return Incident(
        id=new_id(),
        short_id=new_short_id(),
        title=" ".join(draft.title.replace("\0", "").split())[:LONGEST_TITLE],
        description=draft.description.replace("\0", "").strip()[:LONGEST_DESCRIPTION],
        severity=draft.severity,
        service=service.id,
        team=service.team,
        source=DECLARED,
        group_key=draft.key,
        url=draft.url,
        detected_at=now,
        created_at=now,
    )


__all__ = ["Declaration", "Detail", "IncidentService", "NotFound", "Query", "Sent", "permit"]
