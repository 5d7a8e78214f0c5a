"""What files say, before names are looked up: each with the fields it came from, so that a fault can point there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.alert_mappings import AlertMapping
from domain.alert_rules import AlertRule
from domain.heartbeats import Heartbeat
from domain.oncall import Hours, Unit
from domain.people import Role
from domain.policies import PolicyStep
from domain.responses import Response
from domain.runbooks import RunbookStep
from domain.severities import Severity, severity_named
from handlers.catalog.source import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDraft:
    fields: Fields
    handle: str
    name: str
    email: str
    phone: str
    slack: str
    role: Role
    locale: str
    is_active: bool
    preferences: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationDraft:
    """`every` is a number of `unit`s; `people` are handles."""

    fields: Fields
    name: str
    start: datetime
    every: int
    unit: Unit
    people: tuple[str, ...]
    hours: tuple[Hours, ...]
    layer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallDraft:
    """`calendar` is where an iCalendar file is, "" without one."""

    timezone: str = "UTC"
    rotations: tuple[RotationDraft, ...] = ()
    calendar: str = ""
    hand_off: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamDraft:
    """`lead` and `members` are handles."""

    fields: Fields
    name: str
    channel: str
    lead: str
    members: tuple[str, ...]
    locale: str
    on_call: OnCallDraft
    digest: bool
    user_group: str
    response: Response


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDraft:
    """`team` is a team's name."""

    fields: Fields
    name: str
    team: str
    aliases: tuple[str, ...]
    auto_resolve: bool
    stakeholders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookDraft:
    """`service` is a name or alias; `step_fields` are the steps' own, in their order."""

    fields: Fields
    title: str
    description: str
    service: str
    severity: Severity | None
    is_active: bool
    four_eyes: bool
    steps: tuple[RunbookStep, ...]
    step_fields: tuple[Fields, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDraft:
    """`team` is a team's name, "" for the whole instance; `step_fields` are the steps' own, in their order."""

    fields: Fields
    name: str
    description: str
    team: str
    severity: Severity | None
    is_active: bool
    is_default: bool
    ack_timeout: int
    steps: tuple[PolicyStep, ...]
    step_fields: tuple[Fields, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRuleDraft:
    fields: Fields
    rule: AlertRule

    @property
    def name(self) -> str:
        return self.rule.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMappingDraft:
    fields: Fields
    mapping: AlertMapping

    @property
    def name(self) -> str:
        return self.mapping.name


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatDraft:
    fields: Fields
    heartbeat: Heartbeat

    @property
    def name(self) -> str:
        return self.heartbeat.name


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideDraft:
    """`team` is a team's name, `person` and `instead_of` are handles; times without a zone are the team's."""

    fields: Fields
    team: str
    person: str
    instead_of: str
    start: datetime | None
    end: datetime | None
    reason: str


@dataclass(slots=True)
class Drafts:
    """Everything that the files of one load say; they `are_whole` when every file could be read as YAML."""

    are_whole: bool = True

    people: list[PersonDraft] = field(default_factory=list)
    teams: list[TeamDraft] = field(default_factory=list)
    services: list[ServiceDraft] = field(default_factory=list)
    runbooks: list[RunbookDraft] = field(default_factory=list)
    policies: list[PolicyDraft] = field(default_factory=list)
    alert_rules: list[AlertRuleDraft] = field(default_factory=list)
    alert_mappings: list[AlertMappingDraft] = field(default_factory=list)
    heartbeats: list[HeartbeatDraft] = field(default_factory=list)
    overrides: list[OverrideDraft] = field(default_factory=list)


def severity(fields: Fields) -> Severity | None:
    """The severity that a runbook or policy is for; None for every one."""
    written = fields.text("severity", "severity_filter")
    if not written:
        return None
    if found := severity_named(written):
        return found
    name = "severity" if fields.has("severity") else "severity_filter"
    fields.fault(name, f"must be one of {', '.join(one.value for one in Severity)}")
    return None
