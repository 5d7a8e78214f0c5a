"""Drills as the API shows them. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from domain.drills import FASTEST, MOST_PARTICIPANTS, SLOWEST
from domain.incidents import Severity, Status
from domain.notifications import NotificationState
from domain.policies import Channel
from domain.runbooks import StepState
from handlers.incidents.schema import LISTED
from handlers.schema import ONCE, Endpoint, Endpoints, Moment, Parameter

BASE = "/api/v1/drills/"
ONE = BASE + "{id}/"
_TAG = "drills"


class DrillTaken(TypedDict):
    """Somebody acknowledged; `minutes` are those of the drill's clock."""

    name: str
    at: Moment | None
    minutes: float


class DrillPage(TypedDict):
    """A page that went to somebody who takes part; `would_be` says whom it stood for, null when for nobody else."""

    channel: Channel
    name: str
    would_be: str | None
    state: NotificationState
    seconds: float | None
    failure: str | None


class DrillPlanned(TypedDict):
    """Whom a real incident would reach."""

    channel: Channel
    name: str


class DrillStep(TypedDict):
    """A step of the policy: what it would do, and what it did."""

    order: int
    planned_minute: int
    would_reach: list[DrillPlanned]
    misses: list[str]
    fired_at: Moment | None
    fired_minute: float | None
    pages: list[DrillPage]


class DrillRunbookStep(TypedDict):
    """A step of the runbook: minutes declared, and taken on the drill's clock."""

    order: int
    title: str
    declared_minutes: int
    took_minutes: float | None
    state: StepState
    by: str | None


class DrillReportFields(TypedDict):
    """How it went so far."""

    lasted_minutes: float
    acknowledgements: list[DrillTaken]
    first_answer_minutes: float | None
    steps: list[DrillStep]
    runbook: list[DrillRunbookStep]


class Drill(TypedDict):
    """A drill, by its incident. People are handles."""

    id: str
    short_id: str
    title: str
    service: str | None
    severity: Severity
    status: Status
    speed: int
    participants: list[str]
    channel: str
    started_by: str
    started_at: Moment | None
    ended_at: Moment | None


class DrillDetail(Drill):
    """A drill and its report."""

    report: DrillReportFields


class DrillList(TypedDict):
    """A page of drills."""

    count: int
    next: str | None
    previous: str | None
    results: list[Drill]


class DrillGiven(TypedDict, total=False):
    """A new drill. The service is a name, an alias or an id; those who take part are handles, addresses or Slack ids.
    Nobody but them is paged; with none, everything goes to the channel."""

    service: Annotated[str, Field(min_length=1)]
    severity: Annotated[str, Field(min_length=1)]
    participants: Annotated[list[str], Field(max_length=MOST_PARTICIPANTS)]
    channel: Annotated[str, Field(min_length=1)]
    speed: Annotated[int, Field(ge=SLOWEST, le=FASTEST)]
    title: str


class DrillNothing(TypedDict):
    """An object without fields; the body may be left out."""


_MARKDOWN = Parameter("format", "`markdown` for the report as a document; so does `Accept: text/markdown`")
ENDPOINTS: Endpoints = {
    ("GET", BASE): Endpoint(
        summary="Drills, the latest first", tag=_TAG, scope="read", parameters=LISTED, answer=DrillList
    ),
    ("POST", BASE): Endpoint(
        summary="Start one",
        tag=_TAG,
        scope="write",
        body=DrillGiven,
        answer=DrillDetail,
        status=201,
        parameters=(ONCE,),
    ),
    ("GET", ONE): Endpoint(
        summary="One of them, with its report",
        tag=_TAG,
        scope="read",
        answer=DrillDetail,
        parameters=(_MARKDOWN,),
        media=("application/json", "text/markdown"),
    ),
    ("POST", ONE + "stop/"): Endpoint(
        summary="It is over",
        tag=_TAG,
        scope="write",
        body=DrillNothing,
        is_body_needed=False,
        answer=DrillDetail,
        parameters=(ONCE,),
    ),
}
