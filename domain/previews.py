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


def preview(draft: Policy, directory: Directory, at: datetime, reach: Reach) -> Preview:
    """`draft` as if it were saved and an incident opened at `at` (aware)."""
    saved = replace(directory, policies={**directory.policies, draft.id: draft})
    found = lint_policy(draft, saved, reach)
    example = _example(draft, saved)
    if example is None:
        return Preview(found)
    service, severity = example
    after = forecast(service.name, severity, at, saved, reach)
    before = forecast(service.name, severity, at, directory, reach)
    return Preview(found, after, difference(before.simulation, after.simulation))


def _example(draft: Policy, directory: Directory) -> tuple[Service, Severity] | None:
    """The first service, and the worst severity, whose incident gets `draft`."""
    services = sorted(directory.services.values(), key=lambda service: service.name.casefold())
    for service in services:
        for severity in Severity:
            policy = directory.policy_for(service.team, severity)
            if policy is not None and policy.id == draft.id:
                return service, severity
    return None
