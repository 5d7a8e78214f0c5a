"""The catalog as the API shows it, and what it takes. Names are the guide's. Pure."""

from __future__ import annotations

from typing import Any, NotRequired, Required

from typing_extensions import TypedDict

from domain.incidents import Severity
from domain.policies import Channel, TargetType
from handlers.catalog.finding_schema import Finding
from handlers.catalog.given import (
    OnCall,
    PersonGiven,
    PolicyGiven,
    PolicyStepGiven,
    RunbookGiven,
    RunbookStepGiven,
    ServiceGiven,
    TeamGiven,
)
from handlers.catalog.listings import (
    PERSON_LISTING,
    POLICY_LISTING,
    POLICY_STEP_LISTING,
    RUNBOOK_LISTING,
    RUNBOOK_STEP_LISTING,
    SCHEDULE_LISTING,
    SERVICE_LISTING,
    TEAM_LISTING,
)
from handlers.catalog.person_schema import Person, PersonListed
from handlers.lists import Listing
from handlers.schema import IF_MATCH, ONCE, Endpoint, Endpoints


class RunbookStep(TypedDict):
    """One step; `expected_duration` is in minutes."""

    order: int
    title: str
    description: str
    checklist: list[str]
    command: str
    expected_duration: int
    is_critical: bool
    requires_confirmation: bool
    rollback_instructions: str


class Runbook(TypedDict):
    """A runbook with its steps, and what good practice says of it."""

    id: str
    version: int
    title: str
    description: str
    service: str | None
    severity_filter: Severity | None
    is_active: bool
    four_eyes: bool
    steps: list[RunbookStep]
    findings: NotRequired[list[Finding]]


class PolicyStep(TypedDict):
    """One step, `delay_minutes` after the incident's beginning."""

    step_order: int
    delay_minutes: int
    notification_type: list[Channel]
    target_type: TargetType
    target_user: str
    target_email: str
    target_channel: str
    message: str
    is_active: bool
    requires_postmortem: bool


class Policy(TypedDict):
    """An escalation policy with its steps, and what good practice says of it."""

    id: str
    version: int
    name: str
    description: str
    team: str | None
    severity_filter: Severity | None
    is_active: bool
    is_default: bool
    ack_timeout_minutes: int
    steps: list[PolicyStep]
    findings: NotRequired[list[Finding]]


class Service(TypedDict):
    """What can break, and whose it is."""

    id: str
    name: str
    team: str | None
    aliases: list[str]
    auto_resolve: bool
    stakeholders: list[str]
    findings: NotRequired[list[Finding]]


class Team(TypedDict):
    """A team, its channel and its schedule. People are handles. `updates` are minutes between status updates, by
    severity; null leaves them to the usual."""

    id: str
    name: str
    channel: str
    lead: str | None
    members: list[str]
    locale: str
    digest: bool
    user_group: str
    war_room: list[Severity]
    war_room_archive_minutes: int
    updates: dict[str, int] | None
    stakeholders: list[str]
    on_call: OnCall
    findings: NotRequired[list[Finding]]


class Schedule(OnCall):
    """A team's schedule by itself; `id` is the team's."""

    id: Required[str]
    team: Required[str]
    findings: NotRequired[list[Finding]]


class RunbookPage(TypedDict):
    """A page of runbooks, without findings."""

    count: int
    next: str | None
    previous: str | None
    results: list[Runbook]


class PolicyPage(TypedDict):
    """A page of policies, without findings."""

    count: int
    next: str | None
    previous: str | None
    results: list[Policy]


class ServicePage(TypedDict):
    """A page of services."""

    count: int
    next: str | None
    previous: str | None
    results: list[Service]


class TeamPage(TypedDict):
    """A page of teams."""

    count: int
    next: str | None
    previous: str | None
    results: list[Team]


class PersonPage(TypedDict):
    """A page of people."""

    count: int
    next: str | None
    previous: str | None
    results: list[PersonListed]


class SchedulePage(TypedDict):
    """A page of schedules."""

    count: int
    next: str | None
    previous: str | None
    results: list[Schedule]


class RunbookSteps(TypedDict):
    """A runbook's steps, in one piece unless a page is asked for."""

    count: int
    next: str | None
    previous: str | None
    results: list[RunbookStep]


class PolicySteps(TypedDict):
    """A policy's steps, in one piece unless a page is asked for."""

    count: int
    next: str | None
    previous: str | None
    results: list[PolicyStep]


def whole(plural: str, one: str, scope: str, listing: Listing, shapes: tuple[Any, Any, Any]) -> Endpoints:
    """A kind's addresses; `shapes` are a page of them, what one is, and what is given."""
    page, shown, given = shapes
    base, tag = f"/api/v1/{plural}/", plural
    change = {"tag": tag, "scope": scope, "body": given, "answer": shown}
    return {
        ("GET", base): Endpoint(
            summary=plural.capitalize(), tag=tag, scope="read", parameters=listing.parameters(), answer=page
        ),
        ("POST", base): Endpoint(summary=f"A new {one}", status=201, parameters=(ONCE,), **change),
        ("GET", base + "{id}/"): Endpoint(summary=f"One {one}", tag=tag, scope="read", answer=shown),
        ("PUT", base + "{id}/"): Endpoint(summary="All of it anew", parameters=(IF_MATCH,), **change),
        ("PATCH", base + "{id}/"): Endpoint(
            summary="The fields that are given", parameters=(IF_MATCH,), is_partial=True, **change
        ),
        ("DELETE", base + "{id}/"): Endpoint(
            summary="Without it: 409 says by what it is needed",
            tag=tag,
            scope=scope,
            status=204,
            parameters=(IF_MATCH,),
        ),
    }


def _steps(plural: str, scope: str, listing: Listing, shapes: tuple[Any, Any, Any]) -> Endpoints:
    """The addresses of steps; `shapes` as above."""
    page, shown, given = shapes
    base, tag = f"/api/v1/{plural}/{{id}}/steps/", plural
    one = base + "{order}/"
    change = {"tag": tag, "scope": scope, "body": given, "answer": shown}
    return {
        ("GET", base): Endpoint(
            summary="Its steps", tag=tag, scope="read", parameters=listing.parameters(), answer=page
        ),
        ("POST", base): Endpoint(summary="One more step", status=201, parameters=(ONCE, IF_MATCH), **change),
        ("GET", one): Endpoint(summary="One step", tag=tag, scope="read", answer=shown),
        ("PUT", one): Endpoint(summary="All of a step anew", parameters=(IF_MATCH,), **change),
        ("PATCH", one): Endpoint(summary="A step's fields", parameters=(IF_MATCH,), is_partial=True, **change),
        ("DELETE", one): Endpoint(summary="Without it", tag=tag, scope=scope, status=204, parameters=(IF_MATCH,)),
    }


_SCHEDULES = "/api/v1/schedules/"
ENDPOINTS: Endpoints = {
    **whole("runbooks", "runbook", "write", RUNBOOK_LISTING, (RunbookPage, Runbook, RunbookGiven)),
    **_steps("runbooks", "write", RUNBOOK_STEP_LISTING, (RunbookSteps, RunbookStep, RunbookStepGiven)),
    **whole("policies", "policy", "admin", POLICY_LISTING, (PolicyPage, Policy, PolicyGiven)),
    **_steps("policies", "admin", POLICY_STEP_LISTING, (PolicySteps, PolicyStep, PolicyStepGiven)),
    **whole("services", "service", "admin", SERVICE_LISTING, (ServicePage, Service, ServiceGiven)),
    **whole("teams", "team", "admin", TEAM_LISTING, (TeamPage, Team, TeamGiven)),
    **whole("people", "person", "admin", PERSON_LISTING, (PersonPage, Person, PersonGiven)),
    ("GET", _SCHEDULES): Endpoint(
        summary="Schedules",
        tag="schedules",
        scope="read",
        parameters=SCHEDULE_LISTING.parameters(),
        answer=SchedulePage,
    ),
    ("GET", _SCHEDULES + "{id}/"): Endpoint(
        summary="A team's schedule", tag="schedules", scope="read", answer=Schedule
    ),
    ("PUT", _SCHEDULES + "{id}/"): Endpoint(
        summary="All of it anew",
        tag="schedules",
        scope="admin",
        body=OnCall,
        answer=Schedule,
        parameters=(IF_MATCH,),
    ),
}
