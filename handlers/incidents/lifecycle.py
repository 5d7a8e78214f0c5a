"""What people do to an incident between its acknowledgement and its end; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain import snoozes
from domain.clock import Clock
from domain.directory import Directory
from domain.errors import Conflict, Fault, Invalid
from domain.incidents import Incident
from domain.people import Actor, Permission, Person
from handlers.incidents import turns
from handlers.incidents.credit import was_paged
from handlers.incidents.service import permit
from storage import catalog, homes, incidents
from storage.store import Store, Transaction

Work = Callable[[Transaction, Incident, datetime], Incident]


class LifecycleService:
    """Give back, snooze, mitigate, give to another, decline. `wake` is called after a change: something may be due."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def give_back(self, name: str, actor: Actor) -> Incident:
        """Undo an acknowledgement, or end a snooze: it is nobody's again. Raises Conflict, Forbidden, NotFound."""
        return await self._change_own(name, actor, lambda tx, incident, now: turns.give_back(tx, incident, actor, now))

    async def end_snooze(self, name: str, actor: Actor) -> Incident:
        """End a snooze, and nothing else: it is nobody's again. Raises Conflict, Forbidden, NotFound."""
        return await self._change_own(name, actor, lambda tx, incident, now: turns.end_snooze(tx, incident, actor, now))

    async def snooze(self, name: str, actor: Actor, length: str, zone: str = "") -> Incident:
        """Take it and be quiet for "30m", or until "09:00" in `zone`, else in the team's.

        Raises Invalid, Conflict once it is over, Forbidden, NotFound.
        """
        permit(actor, Permission.ACKNOWLEDGE)

        def work(tx: Transaction, incident: Incident, now: datetime) -> Incident:
            team = catalog.directory(tx).teams.get(incident.team)
            there = zone or (team.on_call.timezone if team else "UTC")
            speed = turns.life_of(tx, incident).climb.speed
            return turns.snooze(tx, incident, actor, snoozes.until(length, now, there, speed), now)

        return await self._change(name, work)

    async def snooze_until(self, name: str, actor: Actor, until: datetime) -> Incident:
        """Take it and be quiet until a moment (aware). Raises as `snooze`."""
        permit(actor, Permission.ACKNOWLEDGE)

        def work(tx: Transaction, incident: Incident, now: datetime) -> Incident:
            return turns.snooze(tx, incident, actor, snoozes.checked(until, now), now)

        return await self._change(name, work)

    async def mitigate(self, name: str, actor: Actor) -> Incident:
        """It no longer hurts; the cause is still to be mended. Raises Conflict, Forbidden, NotFound."""
        permit(actor, Permission.MITIGATE)
        return await self._change(name, lambda tx, incident, now: turns.mitigate(tx, incident, actor, now))

    async def reassign(self, name: str, actor: Actor, to: str) -> Incident:
        """Page somebody else at once: a person as `named` finds them, or whoever is on call for a team.

        Raises Invalid naming `to`, Conflict once it is over, Forbidden, NotFound.
        """
        permit(actor, Permission.REASSIGN)

        def work(tx: Transaction, incident: Incident, now: datetime) -> Incident:
            people, team = _meant(catalog.directory(tx), to, now)
            return turns.reassign(tx, incident, people, team, actor, now)

        return await self._change(name, work)

    async def decline(self, name: str, actor: Actor, person: str = "") -> Incident:
        """Say that whoever asks, or `person` (a handle), can't take it: the climb goes on at once to somebody else.
        Whoever was paged may say so, whatever their role.

        Raises Conflict when it is over, somebody else has it or they said so before, Invalid, Forbidden, NotFound.
        """

        def work(tx: Transaction, incident: Incident, now: datetime) -> Incident:
            whose = _who(catalog.directory(tx), actor, person)
            is_theirs = whose.id == actor.person and (incident.owner == whose.id or was_paged(tx, incident, actor))
            if not is_theirs:
                permit(actor, Permission.ACKNOWLEDGE)
            return turns.decline(tx, incident, whose, actor, now)

        return await self._change(name, work)

    async def still_on_it(self, name: str, actor: Actor) -> Incident:
        """Answer that somebody is still working on it. Raises Conflict, Forbidden, NotFound."""
        return await self._change_own(
            name, actor, lambda tx, incident, now: turns.still_on_it(tx, incident, actor, now)
        )

    async def _change_own(self, name: str, actor: Actor, work: Work) -> Incident:
        """A change that whoever has the incident may make, whatever their role: who was paged could take it."""

        def permitted(tx: Transaction, incident: Incident, now: datetime) -> Incident:
            if not actor.person or incident.owner != actor.person:
                permit(actor, Permission.ACKNOWLEDGE)
            return work(tx, incident, now)

        return await self._change(name, permitted)

    async def _change(self, name: str, work: Work) -> Incident:
        def whole(tx: Transaction) -> Incident:
            # The time is asked once nobody else has the incident: what happened to it stands in that order.
            found = incidents.find(tx, name)
            now = self._clock.now()
            incident = work(tx, found, now)
            homes.refresh(tx, now)
            return incident

        incident = await self._store.act(whole)
        self._wake()
        return incident


def _who(directory: Directory, actor: Actor, handle: str) -> Person:
    """Whoever can't take it. Raises Invalid for a handle that nobody has, Conflict for a caller who is nobody."""
    if handle:
        return named(directory, handle, "person")
    found = directory.people.get(actor.person)
    if found is None:
        raise Conflict("you are not among the people whom Vigie pages")
    return found


def named(directory: Directory, said: str, field: str) -> Person:
    """The active person that a handle, a Slack id, a mention, an e-mail address or a name means. Raises Invalid naming
    `field`."""
    wanted = said.strip().removeprefix("<@").partition("|")[0].removesuffix(">").removeprefix("@")
    known = (directory.person_by_handle, directory.person_by_slack, directory.person_by_email)
    found = next((person for find in known if (person := find(wanted)) and person.is_active), None)
    fitting = (found,) if found else directory.people_by_name(wanted)
    if len(fitting) > 1:
        names = ", ".join(f"{one.name} (@{one.handle})" for one in fitting)
        raise Invalid([Fault(field, f"several fit: {names}")])
    if not fitting:
        raise Invalid([Fault(field, f"nobody is called {wanted[:60] or '–'}")])
    return fitting[0]


def _meant(directory: Directory, said: str, now: datetime) -> tuple[tuple[Person, ...], str]:
    """The people that `said` means, and the team's name when it is one. Raises Invalid naming `to`."""
    team = directory.team_by_name(said.strip().removeprefix("@"))
    if team is None:
        return (named(directory, said, "to"),), ""
    lead = directory.people.get(team.lead)
    people = directory.on_call(team.id, now) or ((lead,) if lead and lead.is_active else ())
    if not people:
        raise Invalid([Fault("to", f"nobody is on call for {team.name}, and it has no lead")])
    return people, team.name
