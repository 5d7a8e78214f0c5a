"""Escalation policies: which one an incident gets, and what its steps say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property

from domain.channels import Channel
from domain.incidents import Severity

__all__ = ["Channel", "Choice", "Policy", "PolicyStep", "Target", "TargetType", "choose", "why_chosen"]


class TargetType(StrEnum):
    """Whom a step means."""

    ON_CALL = "ON_CALL"
    TEAM = "TEAM"
    USER = "USER"
    EMAIL = "EMAIL"
    CHANNEL = "CHANNEL"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step reaches. `value` is a handle or `team_lead` (USER), an address (EMAIL), "#channel", a channel id or
    a Discord webhook (CHANNEL), and "" for ON_CALL and TEAM."""

    type: TargetType
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyStep:
    """One rung. `delay_minutes` counts from the incident's creation, as the guide's time line shows."""

    order: int
    delay_minutes: int
    channels: tuple[Channel, ...]
    target: Target
    message: str = ""
    is_active: bool = True
    requires_postmortem: bool = False

    @property
    def delay(self) -> timedelta:
        return timedelta(minutes=self.delay_minutes)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What happens while nobody acknowledges. `team` is a team's id, "" for the whole instance.

    `version_id` names this very content for ever: an incident keeps the version that it opened with.
    """

    id: str
    version_id: str = ""
    version: int = 1
    name: str
    description: str = ""
    team: str = ""
    severity_filter: Severity | None = None
    is_active: bool = True
    is_default: bool = False
    ack_timeout_minutes: int = 0
    steps: tuple[PolicyStep, ...] = ()

    @cached_property
    def live_steps(self) -> tuple[PolicyStep, ...]:
        """The active steps in the order they fire."""
        live = (step for step in self.steps if step.is_active)
        return tuple(sorted(live, key=lambda step: (step.delay_minutes, step.order)))


def choose(policies: Iterable[Policy], team: str, severity: Severity) -> Policy | None:
    """The policy for an incident: the team's for this severity, else the team's default, else the instance's. One
    whose steps are all switched off is as if it were itself: it pages nobody."""
    active = [policy for policy in policies if policy.is_active and policy.live_steps]
    own = [policy for policy in active if policy.team == team and team]
    shared = [policy for policy in active if not policy.team]
    ranked = [
        *(policy for policy in own if policy.severity_filter is severity),
        *(policy for policy in own if policy.is_default),
        *(policy for policy in shared if policy.is_default and policy.severity_filter is severity),
        *(policy for policy in shared if policy.is_default and policy.severity_filter is None),
        *(policy for policy in shared if policy.is_default),
    ]
    return ranked[0] if ranked else None


class Choice(StrEnum):
    """Why an incident gets its policy."""

    TEAM_SEVERITY = "team and severity"
    TEAM_DEFAULT = "team default"
    INSTANCE_DEFAULT = "instance default"


def why_chosen(policy: Policy, severity: Severity) -> Choice:
    """By which rule `choose` came to `policy`."""
    if not policy.team:
        return Choice.INSTANCE_DEFAULT
    return Choice.TEAM_SEVERITY if policy.severity_filter is severity else Choice.TEAM_DEFAULT
