"""What the API takes of the catalog: the guide's names, and null for what is not said. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Required

from pydantic import Field
from typing_extensions import TypedDict

from domain.people import Role
from domain.policies import Channel

Name = Annotated[str, Field(min_length=1, max_length=100)]
Minutes = Annotated[int, Field(ge=0)] | str
"""A number, or a text such as `5 minutes`."""
Locale = Literal["", "en", "fr"]
SeverityFilter = Literal["SEV1_CRITICAL", "SEV2_HIGH", "SEV3_MEDIUM", "SEV4_LOW", "SEV1", "SEV2", "SEV3", "SEV4"]


class RunbookStepGiven(TypedDict, total=False):
    """A step. Without an `order` it comes after the others."""

    order: Annotated[int, Field(ge=1, le=1000)] | None
    title: Required[Annotated[str, Field(min_length=1, max_length=140)]]
    description: str | None
    checklist: list[str] | str | None
    command: str | None
    expected_duration: Minutes | None
    is_critical: bool | None
    requires_confirmation: bool | None
    rollback_instructions: str | None


class RunbookGiven(TypedDict, total=False):
    """A runbook. `id`, `version` and `findings` may be sent back and are passed over."""

    id: str | None
    version: int | None
    findings: list[Any] | None
    title: Required[Annotated[str, Field(min_length=1, max_length=150)]]
    description: str | None
    service: str | None
    severity_filter: SeverityFilter | None
    is_active: bool | None
    four_eyes: bool | None
    steps: list[RunbookStepGiven] | None


class PolicyStepGiven(TypedDict, total=False):
    """A step. A `USER` is a handle or `team_lead`; a channel is Slack's, or a Discord webhook."""

    step_order: Annotated[int, Field(ge=1, le=1000)] | None
    delay_minutes: Required[Minutes]
    notification_type: Required[list[Channel] | str]
    target_type: Required[str]
    target_user: str | None
    target_email: str | None
    target_channel: str | None
    message: Annotated[str, Field(max_length=1500)] | None
    is_active: bool | None
    requires_postmortem: bool | None


class PolicyGiven(TypedDict, total=False):
    """A policy. `id`, `version` and `findings` may be sent back and are passed over."""

    id: str | None
    version: int | None
    findings: list[Any] | None
    name: Required[Name]
    description: str | None
    team: str | None
    severity_filter: SeverityFilter | None
    is_active: bool | None
    is_default: bool | None
    ack_timeout_minutes: Minutes | None
    steps: list[PolicyStepGiven] | None


class ServiceGiven(TypedDict, total=False):
    """A service; its team by its name or id."""

    id: str | None
    findings: list[Any] | None
    name: Required[Name]
    team: Required[str]
    aliases: list[str] | str | None
    auto_resolve: bool | None
    stakeholders: list[str] | str | None


class Rotation(TypedDict, total=False):
    """Who takes turns: from `start` on the zone's clock, `every` such as `1w`, `2d` or `12h`."""

    name: Name | None
    start: Required[str]
    every: str | None
    people: Required[list[str] | str]
    hours: list[str] | str | None
    layer: int | None


class OnCall(TypedDict, total=False):
    """A team's schedule: rotations, or a calendar from outside (`ical`, a URL)."""

    timezone: str | None
    ical: str | None
    hand_off: bool | None
    rotations: list[Rotation] | None


class TeamGiven(TypedDict, total=False):
    """A team."""

    id: str | None
    findings: list[Any] | None
    name: Required[Name]
    channel: str | None
    lead: str | None
    members: list[str] | str | None
    locale: Locale | None
    digest: bool | None
    user_group: Annotated[str, Field(max_length=60)] | None
    war_room: list[SeverityFilter] | SeverityFilter | None
    war_room_archive_minutes: Minutes | None
    updates: dict[SeverityFilter, Minutes] | None
    stakeholders: list[str] | str | None
    on_call: OnCall | None


class PersonGiven(TypedDict, total=False):
    """Somebody."""

    id: str | None
    findings: list[Any] | None
    handle: Required[Name]
    name: Annotated[str, Field(max_length=100)] | None
    email: Annotated[str, Field(max_length=254)] | None
    phone: str | None
    slack: str | None
    locale: Locale | None
    is_active: bool | None
    role: Role | None
    channels: list[Channel] | str | None
    quiet: dict[SeverityFilter, list[Channel]] | None
    timezone: Annotated[str, Field(max_length=60)] | None
    test_pages: bool | None
