"""Drills: an incident that nobody has, for those who take part. Each method is one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain import drills as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.drill_reports import DrillRecord
from domain.drills import Drill
from domain.errors import Conflict, Fault, Forbidden, Invalid
from domain.incidents import Incident, already
from domain.people import Actor, Permission, Person, may
from handlers.drills.record import record
from handlers.incidents import transitions
from handlers.incidents.declaration import Declaration, draft_of, service_of
from handlers.incidents.opening import Draft, keep, opening, with_triage
from handlers.incidents.service import permit
from storage import catalog, drills, homes, incidents
from storage.incidents import Query
from storage.store import Store, Transaction, serialise

STOPPED = "The drill was stopped."
SOURCE = "drill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A drill as somebody asks for it. `participants` are handles, addresses, or ids of Slack's or ours; `channel` is
    a channel's name or id. `key` makes a form that is sent twice one drill."""

    service: str
    severity: str
    participants: tuple[str, ...] = ()
    channel: str = ""
    speed: int = 1
    title: str = ""
    key: str = ""


class DrillService:
    """Start, stop, look back. `wake` is called after a change: something may be due."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def start(self, plan: Plan, actor: Actor) -> tuple[Drill, Incident]:
        """Begin a drill. Raises Invalid naming each field that is wrong, Forbidden."""
        permit(actor, Permission.DRILL)

        def work(tx: Transaction) -> tuple[Drill, Incident]:
            serialise(tx, "intake")
            now = self._clock.now()
            directory = with_triage(tx, now)
            draft, people = _checked(plan, directory, actor, now)
            place = (draft.source, draft.key)
            known = incidents.open_groups(tx, [place]).get(place) if draft.key else None
            if known:
                return drills.find(tx, known), incidents.find(tx, known)
            drill, incident = _begin(tx, draft, people, actor, directory, now)
            homes.refresh(tx, now)
            return drill, incident

        started = await self._store.write(work)
        self._wake()
        return started

    async def stop(self, name: str, actor: Actor) -> Incident:
        """End a drill, whatever its incident's state. Whoever takes part may, and whoever may start one.

        Raises Conflict when it is over, or is no drill, Forbidden, NotFound.
        """

        def work(tx: Transaction) -> Incident:
            incident, now = incidents.find(tx, name), self._clock.now()
            if not incident.is_drill:
                raise Conflict(f"{incident.short_id} is no drill")
            drill = drills.find(tx, incident.id)
            if actor.person not in drill.participants and not may(actor.role, Permission.DRILL):
                raise Forbidden("who takes part stops a drill, or an operator")
            if not incident.is_open:
                raise Conflict(already(incident))
            changed = transitions.resolve(tx, incident, actor, STOPPED, "", now)
            homes.refresh(tx, now)
            return changed

        stopped = await self._store.write(work)
        self._wake()
        return stopped

    async def show(self, name: str) -> DrillRecord:
        """A drill with all that is known of how it went. Raises NotFound."""
        return await self._store.read(lambda tx: record(tx, incidents.look_up(tx, name), self._clock.now()))

    async def directory(self) -> Directory:
        """Everything configured, as it is now."""
        return await self._store.read(catalog.directory)

    async def listed(self, query: Query) -> tuple[int, list[DrillRecord]]:
        """How many drills `query` finds, and the page of them that it asks for."""

        def work(tx: Transaction) -> tuple[int, list[DrillRecord]]:
            count, found = incidents.listed(tx, replace(query, is_drill=True))
            return count, [record(tx, incident, self._clock.now()) for incident in found]

        return await self._store.read(work)

    async def open_ones(self) -> list[Incident]:
        """The drills that go on, the latest first."""

        def work(tx: Transaction) -> list[Incident]:
            _, found = drills.listed(tx, 0, _LOOKED_AT)
            known = incidents.by_ids(tx, [drill.incident for drill in found if drill.ended_at is None])
            ordered = (known.get(drill.incident) for drill in found)
            return [incident for incident in ordered if incident and incident.is_open]

        return await self._store.read(work)


_LOOKED_AT = 100
_FAULTS = 5
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{5,}")


def _checked(plan: Plan, directory: Directory, actor: Actor, now: datetime) -> tuple[Draft, list[Person]]:
    """What opens and who takes part. Raises Invalid naming every field that is wrong."""
    found, faults = _people(plan.participants, directory)
    if not plan.service.strip():
        faults.append(Fault("service", "choose the service that is not really broken"))
    faults += rules.faults(plan.speed, [person.id for person in found], plan.channel.strip(), directory)
    said = Declaration(
        title=plan.title.strip() or service_of(plan.service, directory).name,
        severity=plan.severity,
        service=plan.service,
        source=SOURCE,
        key=plan.key,
    )
    try:
        draft = draft_of(said, directory, actor, now)
    except Invalid as error:
        raise Invalid([*faults, *error.faults]) from None
    if faults:
        raise Invalid(faults)
    return replace(draft, is_drill=True, channel=plan.channel.strip(), speed=plan.speed), found


def _people(said: Sequence[str], directory: Directory) -> tuple[list[Person], list[Fault]]:
    """Those who take part, each once, and what is wrong with them."""
    found: dict[str, Person] = {}
    faults: list[Fault] = []
    for name in said:
        plain = name.strip().removeprefix("@")
        person = (
            directory.people.get(plain)
            or directory.person_by_handle(plain)
            or directory.person_by_slack(plain)
            or directory.person_by_email(plain)
        )
        if person and person.is_active:
            found[person.id] = person
        elif _SLACK_ID.fullmatch(plain):
            faults.append(Fault("participants", "somebody you chose is not among the people whom Vigie knows"))
        else:
            faults.append(Fault("participants", f"nobody is called {plain[:60] or '–'}"))
    return list(found.values()), list(dict.fromkeys(faults))[:_FAULTS]


def _begin(
    tx: Transaction, draft: Draft, people: Sequence[Person], actor: Actor, directory: Directory, now: datetime
) -> tuple[Drill, Incident]:
    opened = opening(draft, directory, now, {"source": draft.source, "speed": draft.speed})
    keep(tx, [opened])
    drill = Drill(
        incident=opened.incident.id,
        speed=draft.speed,
        participants=tuple(person.id for person in people),
        channel=draft.channel,
        started_by=actor.name,
        started_at=now,
    )
    drills.add(tx, drill)
    return drill, opened.incident
