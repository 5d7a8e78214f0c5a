"""Everything configured, as one frozen value: who there is, what can break, and what is written for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from domain.alert_mappings import AlertMapping
from domain.alert_rules import AlertRule
from domain.incidents import Severity
from domain.oncall import people_at
from domain.people import Actor, Person, Role, Service, Team
from domain.policies import Policy, choose
from domain.runbooks import Runbook, matching


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
        aliases = {alias.casefold(): s for s in self.services.values() for alias in s.aliases}
        return aliases | {service.name.casefold(): service for service in self.services.values()}

    @cached_property
    def _by_team_name(self) -> dict[str, Team]:
        return {team.name.casefold(): team for team in self.teams.values()}

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

    def person_by_phone(self, phone: str) -> Person | None:
        return next((person for person in self.people.values() if phone and person.phone == phone), None)

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
        return self._by_service_name.get(name.strip().casefold())

    def team_by_name(self, name: str) -> Team | None:
        return self._by_team_name.get(name.strip().casefold())

    def mapping_by_name(self, name: str) -> AlertMapping | None:
        return next((one for one in self.alert_mappings.values() if one.name.casefold() == name.casefold()), None)

    def service_name(self, service: str) -> str:
        found = self.services.get(service)
        return found.name if found else ""

    def on_call(self, team: str, now: datetime) -> tuple[Person, ...]:
        """The active people on call for a team (an id) at `now`."""
        found = self.teams.get(team)
        ids = people_at(found.on_call, now) if found else ()
        return self._active(ids)

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

    def actor_by_slack(self, slack: str, name: str, admins: frozenset[str] = frozenset()) -> Actor:
        """Whoever has this Slack id; somebody nobody declared is a responder, one of `admins` an admin."""
        person = self.person_by_slack(slack)
        role = person.role if person else Role.RESPONDER
        role = Role.ADMIN if slack in admins else role
        if person is None:
            return Actor(key=f"slack:{slack}", name=name or slack, role=role, slack=slack)
        return Actor(key=f"person:{person.id}", name=person.name, role=role, slack=slack, person=person.id)
