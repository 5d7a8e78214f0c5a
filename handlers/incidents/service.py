"""What people do to incidents; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Fault, Forbidden, Invalid, NotFound
from domain.incidents import OPEN, Incident
from domain.notifications import Attempt, Notification
from domain.people import Actor, Permission, may, needed
from domain.rooms import Room
from domain.timeline import Entry, Event
from domain.whys import Record
from handlers.incidents import transitions, turns
from handlers.incidents.credit import credit, was_paged
from handlers.incidents.declaration import Declaration, draft_of
from handlers.incidents.opening import keep, opening, with_triage
from storage import catalog, escalations, homes, incidents, messages, notifications, rooms, timeline, versions
from storage.incidents import Query
from storage.store import Store, Transaction, serialise

LONGEST_NOTE = 12_000
"""Characters: what Slack takes in a message, and so whatever somebody types in one."""


@dataclass(frozen=True, slots=True)
class Detail:
    """An incident with what the catalog says of it and what happened."""

    incident: Incident
    directory: Directory
    timeline: tuple[Entry, ...] = ()
    room: Room | None = None

    @property
    def main(self) -> str:
        """Of a duplicate, the short id of the incident that goes on."""
        return next((str(one.details["id"]) for one in self.timeline if one.event is Event.DUPLICATE), "")

    @property
    def zone(self) -> str:
        """The team's, for times in documents."""
        team = self.directory.teams.get(self.incident.team)
        return team.on_call.timezone if team else "UTC"

    @property
    def locale(self) -> str:
        """The team's language, "" when it has none of its own."""
        team = self.directory.teams.get(self.incident.team)
        return team.locale if team else ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A notification with its attempts."""

    notification: Notification
    attempts: tuple[Attempt, ...]


def permit(actor: Actor, permission: Permission) -> None:
    """Let `actor` pass. Raises Forbidden with the role that it takes."""
    if not may(actor.role, permission):
        role = needed(permission).value
        raise Forbidden(f"this takes the role {role}; yours is {actor.role.value}: ask an admin")


class IncidentService:
    """Acknowledge, resolve, escalate, look. `wake` is called after a change: something may be due."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def declare(self, said: Declaration, actor: Actor) -> Detail:
        """Open an incident that a person saw first; it escalates as any other. The same key twice is one incident.

        Raises Invalid naming each field that is wrong, Forbidden.
        """
        permit(actor, Permission.DECLARE)

        def work(tx: Transaction) -> Detail:
            serialise(tx, "intake")
            self._store.require_place()
            now = self._clock.now()
            directory = with_triage(tx, now)
            draft = draft_of(said, directory, actor, now)
            place = (draft.source, draft.key)
            known = incidents.open_groups(tx, [place]).get(place) if draft.key else None
            if known:
                return Detail(incidents.find(tx, known), directory)
            opened = opening(draft, directory, now, {"source": draft.source})
            keep(tx, [opened])
            return Detail(opened.incident, directory, opened.entries)

        detail = await self._store.act(work)
        self._wake()
        return detail

    async def acknowledge(self, name: str, actor: Actor, place: tuple[str, str] = ("", "")) -> Incident:
        """Take an incident (id or short id), by a button in the Slack message at `place` (channel and time stamp) if
        it was one. Whoever was paged may, whatever their role; of whoever has it and is asked for a sign of life, it is
        one. Raises Conflict when somebody has it, Forbidden, NotFound."""

        def work(tx: Transaction) -> Incident:
            incident, now = incidents.find(tx, name), self._clock.now()
            if not may(actor.role, Permission.ACKNOWLEDGE) and not was_paged(tx, incident, actor):
                permit(actor, Permission.ACKNOWLEDGE)
            if turns.is_asked(tx, incident, actor):
                return turns.still_on_it(tx, incident, actor, now)
            changed = transitions.acknowledge(tx, incident, actor, now)
            credit(tx, incident, place, now)
            return changed

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
            transitions.hurry(tx, incident, actor, self._clock.now())
            return incident

        return await self._change(work)

    async def note(self, name: str, actor: Actor, text: str) -> Incident:
        """Keep a note in an incident's timeline. Raises Invalid when it is empty, or too long to be kept whole."""
        permit(actor, Permission.NOTE)
        if not text.strip():
            raise Invalid([Fault("text", "write something")])
        if len(text.strip()) > LONGEST_NOTE:
            raise Invalid([Fault("text", f"is longer than {LONGEST_NOTE} characters")])

        def work(tx: Transaction) -> Incident:
            incident = incidents.find(tx, name)
            now = self._clock.now()
            details: dict[str, str | int] = {"text": text.strip()}
            entry = Entry(incident=incident.id, at=now, event=Event.NOTE, by=actor.name, details=details)
            transitions.record(tx, now, entry)
            return incident

        return await self._change(work)

    def now(self) -> datetime:
        """The moment that ages are counted to."""
        return self._clock.now()

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
            incident = incidents.look_up(tx, name)
            entries = tuple(timeline.of_incident(tx, incident.id))
            return Detail(incident, catalog.directory(tx), entries, rooms.look_up(tx, incident.id))

        return await self._store.read(work)

    async def listed(self, query: Query) -> tuple[int, list[Detail]]:
        """How many incidents there are of a kind, and a page of them."""

        def work(tx: Transaction) -> tuple[int, list[Detail]]:
            count, found = incidents.listed(tx, query)
            directory, their = catalog.directory(tx), rooms.by_incidents(tx, [incident.id for incident in found])
            return count, [Detail(incident, directory, room=their.get(incident.id)) for incident in found]

        return await self._store.browse(work)

    async def open_ones(self, channel: str, limit: int = 100) -> tuple[list[Detail], list[Detail]]:
        """At most `limit` open incidents, those that nobody has first: those with their card in a Slack channel (an
        id), and all."""
        query = Query(statuses=OPEN, ordering="-status", limit=limit)

        def work(tx: Transaction) -> tuple[list[Detail], list[Detail]]:
            _, found = incidents.listed(tx, query)
            places = messages.of_incidents(tx, [incident.id for incident in found])
            directory = catalog.directory(tx)
            here = {place.incident for key, place in places.items() if _is_card_in(key, place.channel, channel)}
            every = [Detail(incident, directory) for incident in found]
            return [detail for detail in every if detail.incident.id in here], every

        return await self._store.read(work)

    async def of_thread(self, channel: str, ts: str) -> str:
        """The id of the incident whose card is this message of Slack's; "" when it is none's."""
        return await self._store.read(lambda tx: messages.carded_at(tx, channel, ts))

    async def notifications(self, name: str) -> list[Sent]:
        """Every page of an incident with its receipt. Raises NotFound."""

        def work(tx: Transaction) -> list[Sent]:
            incident = incidents.look_up(tx, name)
            made = notifications.of_incident(tx, incident.id)
            tries = notifications.attempts(tx, [notification.id for notification in made])
            return [Sent(notification, tuple(tries[notification.id])) for notification in made]

        return await self._store.read(work)

    async def record(self, name: str) -> tuple[Detail, Record]:
        """What is kept of an incident's pages, with the incident. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Detail, Record]:
            incident = incidents.look_up(tx, name)
            climb = escalations.by_incidents(tx, [incident.id]).get(incident.id)
            entries = tuple(timeline.of_incident(tx, incident.id))
            record = Record(
                incident=incident,
                policy=versions.policy(tx, climb.policy_version) if climb and climb.policy_version else None,
                climb=climb,
                pages=notifications.of_incident(tx, incident.id),
                entries=entries,
            )
            return Detail(incident, catalog.directory(tx), entries), record

        return await self._store.read(work)

    async def actor(self, slack: str, name: str, admins: frozenset[str], *, is_elsewhere: bool = False) -> Actor:
        """Who a Slack user is, whose home may be another company's workspace."""

        def work(tx: Transaction) -> Actor:
            return catalog.directory(tx).actor_by_slack(slack, name, admins, is_elsewhere=is_elsewhere)

        return await self._store.read(work)

    async def directory(self) -> Directory:
        """The catalog of now."""
        return await self._store.read(catalog.directory)

    async def _change(self, work: Callable[[Transaction], Incident]) -> Incident:
        def whole(tx: Transaction) -> Incident:
            incident = work(tx)
            homes.refresh(tx, self._clock.now())
            return incident

        incident = await self._store.act(whole)
        self._wake()
        return incident


def _is_card_in(key: str, place: str, channel: str) -> bool:
    return key.startswith(("card:", "room:")) and place == channel


__all__ = ["Detail", "IncidentService", "NotFound", "Query", "Sent", "permit"]
