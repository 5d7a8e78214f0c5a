"""What a policy would do once it is saved: its faults, who is paged, and what that changes against today. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from domain.differences import difference
from domain.directory import Directory
from domain.forecasts import Forecast, forecast
from domain.incidents import Severity
from domain.lint import Finding
from domain.people import Service
from domain.policies import Policy
from domain.policy_lint import lint_policy
from domain.reach import Reach


@dataclass(frozen=True, slots=True)
class Preview:
    """`forecast` is of an incident that would get the policy, None when no service's would; `changes` are what is
    otherwise for it than today."""

    findings: tuple[Finding, ...]
    forecast: Forecast | None = None
    changes: tuple[Finding, ...] = ()


Example = tuple[Service, Severity]


def preview(draft: Policy, directory: Directory, at: datetime, reach: Reach, example: Example | None = None) -> Preview:
    """`draft` as if it were saved and an incident opened at `at` (aware): `example`, else the first that gets it."""
    saved = replace(directory, policies={**directory.policies, draft.id: draft})
    found = lint_policy(draft, saved, reach)
    supposed = example or _example(draft, saved)
    if supposed is None:
        return Preview(found)
    service, severity = supposed
    after = forecast(service.name, severity, at, saved, reach)
    before = forecast(service.name, severity, at, directory, reach)
    return Preview(found, after, difference(before.simulation, after.simulation))


def _example(draft: Policy, directory: Directory) -> Example | None:
    """The first service, and the worst severity, whose incident gets `draft`."""
    services = sorted(directory.services.values(), key=lambda service: service.name.casefold())
    for service in services:
        for severity in Severity:
            policy = directory.policy_for(service.team, severity)
            if policy is not None and policy.id == draft.id:
                return service, severity
    return None
