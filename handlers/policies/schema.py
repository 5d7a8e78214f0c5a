"""A foretold night as the API shows it. Pure."""

from __future__ import annotations

from typing_extensions import TypedDict

from domain.incidents import Severity
from domain.policies import Channel, TargetType
from handlers.coverage.schema import Hole
from handlers.schema import Endpoint, Endpoints, Moment, Parameter


class Named(TypedDict):
    """A policy in one of its versions."""

    name: str
    version: int


class Titled(TypedDict):
    """A runbook in one of its versions."""

    title: str
    version: int


class Reason(TypedDict):
    """Why somebody is paged: whom the step means, and by which rotation they are on call until when."""

    target_type: TargetType
    team: str
    rotation: str
    until: Moment | None
    is_lead: bool


class PlannedPage(TypedDict):
    """Somebody who is paged; `instead_of` is the channel that they can't be reached by."""

    notification_type: Channel
    name: str
    address: str
    instead_of: Channel | None
    covers: list[int]
    why: Reason


class Unreached(TypedDict):
    """Somebody who is not, and by which channels it is tried instead."""

    reason: str
    notification_type: Channel | None
    name: str
    instead: list[Channel]


class PlannedStep(TypedDict):
    """A step when it fires: `minute` counts from the beginning."""

    step_order: int
    minute: int
    at: Moment
    delay_minutes: int
    pages: list[PlannedPage]
    unreached: list[Unreached]
    next_at_once: bool
    said_in_step: int | None


class Simulation(TypedDict):
    """Who would be paged, when, how and why; `holes` are when, in the next 14 days, nobody would."""

    service: str
    team: str
    severity: Severity
    at: Moment
    policy: Named | None
    chosen_by: str | None
    runbooks: list[Titled]
    channel: str
    steps: list[PlannedStep]
    holes: list[Hole]


_PARAMETERS = (
    Parameter("service", "A service's name or alias"),
    Parameter("severity", "Such as `SEV1_CRITICAL` or `SEV1`"),
    Parameter("at", "When it begins: a time, in the team's zone when it has none; now, unless said"),
)
ENDPOINTS: Endpoints = {
    ("GET", "/api/v1/simulate/"): Endpoint(
        summary="Who would be paged, when and how; nothing is sent",
        tag="policies",
        scope="read",
        parameters=_PARAMETERS,
        answer=Simulation,
        others={404: None},
    )
}
