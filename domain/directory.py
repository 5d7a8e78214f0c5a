"""Everything configured, as one frozen value: who there is, what can break, and what is written for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from domain.accents import composed
from domain.alert_mappings import AlertMapping
from domain.alert_rules import AlertRule
from domain.errors import Conflict
from domain.heartbeats import Heartbeat
from domain.incidents import Severity
from domain.oncall import Shift
from domain.people import Actor, Person, Role, Service, Team
from domain.policies import Policy, choose
from domain.runbooks import Runbook, matching
from domain.schedules import Override, Schedule, in_order, people_of, shifts
from domain.webhooks import is_redacted

_HOURS_KEPT = 2048


def folded(name: str) -> str:
    """What two spellings of one name share, whatever their case, the spaces around them and how accents are written."""
    return composed(name).strip().casefold()


def _words(person: Person) -> set[str]:
    return set(folded(person.name).split())


@dataclass(frozen=True)
class Directory:
    """The catalog of one moment (`revision` grows with every change). Look-ups never raise: they answer None."""

    revision: int = 0
    people: dict[str, Person] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    runbooks: dict[str, Runbook] = field(default_factory=dict)
    readers: dict[str, str] = field(default_factory=dict)
    """The locale that each Slack user has set in Slack, as far as it was asked for."""
    verified: frozenset[tuple[str, str]] | None = None
    """Contacts that were proved, as (person, address); None where nobody knows, as in files."""
    alert_rules: tuple[AlertRule, ...] = ()
    """In the order in which they are asked."""
    alert_mappings: dict[str, AlertMapping] = field(default_factory=dict)
    heartbeats: dict[str, Heartbeat] = field(default_factory=dict)
    """Sources that say that they live, by id."""
    overrides: tuple[Override, ...] = ()
    """Oldest first."""
    calendars: dict[str, tuple[Shift, ...]] = field(default_factory=dict)
    """What calendars outside say, by team."""
    broken_calendars: dict[str, str] = field(default_factory=dict)
    """Why a team's calendar can't be read, or what it names that nobody here is."""
    unreadable: tuple[str, ...] = ()
    """What there is beside all this and can't be read: everything goes on as if it were not there."""

    @property
    def sealed_off(self) -> tuple[str, ...]:
        """What goes to an address, or comes from one, that no key opens."""
        policies = [one for one in self.policies.values() if one.is_active]
        targets = {one.name: [step.target.value for step in one.live_steps] for one in policies}
        calendars = {one.name: one.on_call.calendar for one in self.teams.values()}
        named = [f"policy {name}" for name, addresses in targets.items() if any(map(is_redacted, addresses))]
        return (*named, *(f"the calendar of {name}" for name, address in calendars.items() if is_redacted(address)))

    def require_whole(self) -> None:
        """For who writes all of it down elsewhere, or over it. Raises Conflict when something of it can't be read."""
        if self.unreadable:
            lost = ", ".join(self.unreadable)
            raise Conflict(f"{lost} can't be read: mend or delete that row first, the log of `vigie run` says more")

    @cached_property
    def _by_handle(self) -> dict[str, Person]:
        return {person.handle.casefold(): person for person in self.people.values()}

    @cached_property
    def _by_email(self) -> dict[str, Person]:
        return {person.email.casefold(): person for person in self.people.values() if person.email}

    @cached_property
    def _by_slack(self) -> dict[str, Person]:
        return {person.slack: person for person in self.people.values() if person.slack}

    @cached_property
    def _by_service_name(self) -> dict[str, Service]:
        aliases = {folded(alias): s for s in self.services.values() for alias in s.aliases}
        return aliases | {folded(service.name): service for service in self.services.values()}

    @cached_property
    def _by_team_name(self) -> dict[str, Team]:
        return {folded(team.name): team for team in self.teams.values()}

    def person_by_handle(self, handle: str) -> Person | None:
        return self._by_handle.get(handle.casefold().removeprefix("@"))

    def person_by_email(self, email: str) -> Person | None:
        return self._by_email.get(email.casefold())

    def person_by_slack(self, slack: str) -> Person | None:
        return self._by_slack.get(slack)

    def locale_of(self, slack: str) -> str | None:
        """What a Slack user reads: as the catalog says, else as they set it in Slack; None while nobody has asked."""
        person = self.person_by_slack(slack)
        return (person.locale if person else "") or self.readers.get(slack)

    def language_of(self, person: Person) -> str:
        """What somebody reads: as the catalog says, else as they set it in Slack; "" when neither is known."""
        return person.locale or self.readers.get(person.slack, "")

    def people_by_name(self, name: str) -> tuple[Person, ...]:
        """Those active people who are called so; else those whose name has each of these words, none of them in
        part: somebody may be paged by it."""
        words = set(folded(name).split())
        named = [one for one in self.people.values() if one.is_active and words and words <= _words(one)]
        return tuple(one for one in named if words == _words(one)) or tuple(named)

    def people_by_phone(self, phone: str) -> tuple[Person, ...]:
        """Those active people whose phone it is: two may share one."""
        return tuple(one for one in self.people.values() if phone and one.phone == phone and one.is_active)

    def is_verified(self, person: str, address: str) -> bool:
        """Whether an address was proved to be this person's; nothing is held against it where nobody knows."""
        return self.verified is None or (person, address) in self.verified

    @cached_property
    def admins(self) -> tuple[Person, ...]:
        """Who can be asked for what takes an admin, by name."""
        found = (person for person in self.people.values() if person.role is Role.ADMIN and person.is_active)
        return tuple(sorted(found, key=lambda person: person.name.casefold()))

    def service_by_name(self, name: str) -> Service | None:
        """The service with this name or alias, in any case."""
        return self._by_service_name.get(folded(name))

    def team_by_name(self, name: str) -> Team | None:
        return self._by_team_name.get(folded(name))

    def mapping_by_name(self, name: str) -> AlertMapping | None:
        return next((one for one in self.alert_mappings.values() if folded(one.name) == folded(name)), None)

    def heartbeat_by_name(self, name: str) -> Heartbeat | None:
        return next((one for one in self.heartbeats.values() if folded(one.name) == folded(name)), None)

    def service_name(self, service: str) -> str:
        found = self.services.get(service)
        return found.name if found else ""

    def on_call(self, team: str, now: datetime) -> tuple[Person, ...]:
        """The active people on call for a team (an id) at `now`."""
        return self._active(people_of(self.shifts_at(team, now)))

    def shifts_at(self, team: str, now: datetime) -> tuple[Shift, ...]:
        """The shifts of a team that run at `now`. A hundred incidents of an hour ask the same question."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if (team, hour) not in self._shifts:
            if len(self._shifts) >= _HOURS_KEPT:
                self._shifts.clear()
            of = self.schedule(team)
            self._shifts[team, hour] = in_order(of, shifts(of, hour, hour + timedelta(hours=1)))
        return tuple(one for one in self._shifts[team, hour] if one.start <= now < one.end)

    @cached_property
    def _shifts(self) -> dict[tuple[str, datetime], tuple[Shift, ...]]:
        return {}

    def schedule(self, team: str) -> Schedule:
        """Everything that decides who is on call for a team (an id); an empty one for no team of ours."""
        if team not in self._schedules:
            found = self.teams.get(team)
            overrides = tuple(one for one in self.overrides if one.team == team)
            # What a calendar said counts no more once the team has none, whether or not anybody has looked since.
            calendar = self.calendars.get(team, ()) if found and found.on_call.calendar else ()
            # Whoever is gone from the catalog covers nothing, as whoever is switched off: what lies below goes on.
            named = (*(found.on_call.people if found else ()), *(one.person for one in overrides))
            absent = self._absent | (frozenset(named) - self.people.keys())
            self._schedules[team] = Schedule(found.on_call, overrides, calendar, absent) if found else Schedule()
        return self._schedules[team]

    def ever_on_call(self, team: str) -> tuple[str, ...]:
        """The ids of everybody whom a team's rotations and calendar name, each once."""
        schedule = self.schedule(team)
        return tuple(dict.fromkeys((*schedule.on_call.people, *(one.person for one in schedule.calendar))))

    @cached_property
    def _schedules(self) -> dict[str, Schedule]:
        return {}

    @cached_property
    def _absent(self) -> frozenset[str]:
        return frozenset(person.id for person in self.people.values() if not person.is_active)

    def members(self, team: str) -> tuple[Person, ...]:
        found = self.teams.get(team)
        return self._active(found.members if found else ())

    def _active(self, ids: tuple[str, ...]) -> tuple[Person, ...]:
        return tuple(self.people[i] for i in ids if i in self.people and self.people[i].is_active)

    def policy_for(self, team: str, severity: Severity) -> Policy | None:
        key = (team, severity)
        if key not in self._chosen:
            self._chosen[key] = choose(self.policies.values(), team, severity)
        return self._chosen[key]

    def runbooks_for(self, service: str, severity: Severity) -> tuple[Runbook, ...]:
        key = (service, severity)
        if key not in self._matching:
            self._matching[key] = matching(self.runbooks.values(), service, severity)
        return self._matching[key]

    @cached_property
    def _chosen(self) -> dict[tuple[str, Severity], Policy | None]:
        return {}

    @cached_property
    def _matching(self) -> dict[tuple[str, Severity], tuple[Runbook, ...]]:
        return {}

    def actor_by_slack(
        self, slack: str, name: str, admins: frozenset[str] = frozenset(), *, is_elsewhere: bool = False
    ) -> Actor:
        """Whoever has this Slack id; somebody nobody declared is a responder, and a viewer when they are at home
        `is_elsewhere`, one of `admins` an admin. Whoever was switched off may do no more than somebody nobody
        declared."""
        person, stranger = self.person_by_slack(slack), Role.VIEWER if is_elsewhere else Role.RESPONDER
        role = person.role if person else stranger
        if person and not person.is_active and role is not Role.VIEWER:
            role = stranger
        role = Role.ADMIN if slack in admins else role
        if person is None:
            return Actor(key=f"slack:{slack}", name=name or slack, role=role, slack=slack)
        return Actor(key=f"person:{person.id}", name=person.name, role=role, slack=slack, person=person.id)
