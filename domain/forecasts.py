"""What an alert about a service would set off: which policy and why, which runbook, who is paged when. Pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from domain import wall_clock
from domain.directory import Directory
from domain.errors import NotFound
from domain.incidents import Severity
from domain.people import Service
from domain.policies import Choice, Policy, why_chosen
from domain.reach import Reach
from domain.runbooks import Runbook
from domain.simulation import Simulation, simulate, supposed


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One supposed incident. `zone` is the team's, `locale` its language; several `runbooks` are a choice."""

    service: Service
    team: str
    zone: str
    locale: str
    severity: Severity
    at: datetime
    choice: Choice | None
    runbooks: tuple[Runbook, ...]
    simulation: Simulation

    @property
    def policy(self) -> Policy | None:
        return self.simulation.policy


def forecast(service: str, severity: Severity, at: datetime, directory: Directory, reach: Reach) -> Forecast:
    """What happens to an incident of `service` (a name or alias) that opens at `at`; a naive time is one of the
    team's wall clock. Raises NotFound."""
    found = known_service(service, directory)
    team = directory.teams.get(found.team)
    zone = team.on_call.timezone if team else "UTC"
    # In UTC, for minutes to be added to: clocks on a wall skip some.
    moment = at.astimezone(UTC) if at.tzinfo else wall_clock.first(at, ZoneInfo(zone))
    policy = directory.policy_for(found.team, severity)
    return Forecast(
        service=found,
        team=team.name if team else "",
        zone=zone,
        locale=team.locale if team else "",
        severity=severity,
        at=moment,
        choice=why_chosen(policy, severity) if policy else None,
        runbooks=directory.runbooks_for(found.id, severity),
        simulation=simulate(policy, supposed(found, severity, moment, directory), directory, reach),
    )


def known_service(name: str, directory: Directory) -> Service:
    """The service of this name or alias. Raises NotFound with the nearest name."""
    found = directory.service_by_name(name)
    if found:
        return found
    names = {known.casefold(): known for one in directory.services.values() for known in (one.name, *one.aliases)}
    near = difflib.get_close_matches(name.casefold(), list(names), n=1, cutoff=0.5)
    if near:
        raise NotFound(f"there is no service {name}; did you mean {names[near[0]]}?")
    raise NotFound(f"there is no service {name}")
