"""Incidents as the API shows them, and what its addresses take. Pure."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from domain.incidents import Severity, Status
from domain.notifications import NotificationState
from domain.policies import Channel
from domain.receipts import Stage
from domain.rooms import RoomState
from domain.timeline import Event
from handlers.incidents.given import (
    Declared,
    Graded,
    Linked,
    Merged,
    Noted,
    Nothing,
    Reassigned,
    Resolved,
    Snoozed,
    Somebody,
    Updated,
)
from handlers.lists import Filter, Listing
from handlers.schema import ONCE, PAGE, PAGE_SIZE, Endpoint, Endpoints, Moment, Parameter

_TAG = "incidents"
BASE = "/api/v1/incidents/"
ONE = BASE + "{id}/"


class Kpis(TypedDict):
    """Seconds; null where there is nothing to measure yet."""

    mttd_seconds: float | None
    mtta_seconds: float | None
    mttr_seconds: float | None


class WarRoom(TypedDict):
    """An incident's channel of its own, once there is one."""

    state: RoomState
    name: str
    channel: str
    url: str
    opened_at: Moment | None
    archived_at: Moment | None


class Incident(TypedDict):
    """An incident without its timeline. People are handles where they are known."""

    id: str
    short_id: str
    title: str
    description: str
    severity: Severity
    status: Status
    service: str | None
    team: str | None
    lead: str | None
    source: str
    url: str
    detected_at: Moment | None
    created_at: Moment | None
    acknowledged_at: Moment | None
    acknowledged_by: str | None
    owner: str | None
    communications: str | None
    snoozed_until: Moment | None
    mitigated_at: Moment | None
    mitigated_by: str | None
    duplicate_of: str | None
    resolved_at: Moment | None
    resolved_by: str | None
    resolution_note: str
    root_cause: str
    war_room: WarRoom | None
    is_drill: bool
    kpis: Kpis


class TimelineEntry(TypedDict):
    """One thing that happened. What `details` has depends on the event."""

    at: Moment | None
    event: Event
    by: str | None
    details: dict[str, Any]


class IncidentDetail(Incident):
    """An incident with all that happened."""

    timeline: list[TimelineEntry]


class IncidentPage(TypedDict):
    """A page of incidents."""

    count: int
    next: str | None
    previous: str | None
    results: list[Incident]


class Timeline(TypedDict):
    """All that happened, in one piece unless a page is asked for."""

    count: int
    next: str | None
    previous: str | None
    results: list[TimelineEntry]


class Attempt(TypedDict):
    """One try to send a page."""

    number: int
    started_at: Moment | None
    finished_at: Moment | None
    outcome: str
    reason: str


class Latencies(TypedDict):
    """Seconds from the decision to each later stage; null for one that the page has not come to."""

    rendered_seconds: float | None
    accepted_seconds: float | None
    delivered_seconds: float | None
    opened_seconds: float | None
    acknowledged_seconds: float | None


class Receipt(TypedDict):
    """A page to one person by one channel, and what became of it. `sent_at` and `reference` are its provider's yes;
    `delivered_at` stays null where nobody tells (e-mail); `failure` of one that was sent says why it may not have
    arrived; `said` are its words, without the link that acts; `would_be` says whom it stands
    for in a drill."""

    id: str
    step: int
    channel: Channel
    person: str | None
    name: str
    address: str
    state: NotificationState
    stage: Stage
    why: str
    stands_for: list[int]
    instead_of: str | None
    would_be: str | None
    decided_at: Moment | None
    rendered_at: Moment | None
    sent_at: Moment | None
    delivered_at: Moment | None
    opened_at: Moment | None
    acknowledged_at: Moment | None
    latencies: Latencies
    said: str
    reference: str | None
    failure: str | None
    attempts: list[Attempt]


class Receipts(TypedDict):
    """Every page of an incident, in one piece unless a page of this list is asked for."""

    count: int
    next: str | None
    previous: str | None
    results: list[Receipt]


FILTERS = (
    Parameter("severity", "One or more, with commas between: `SEV1_CRITICAL` or `SEV1`"),
    Parameter("service", "Names, aliases or ids, with commas between"),
    Parameter("team", "Names or ids, with commas between"),
)
ORDERS = ("created_at", "severity", "status", "title", "acknowledged_at", "resolved_at", "detected_at")
ORDERINGS = tuple(sign + name for name in ORDERS for sign in ("", "-"))
TIMELINE = Listing(
    orders=("at", "event"),
    words=("event", "by", "details"),
    filters=(Filter("event", choices=Event), Filter("by")),
    is_whole=True,
)
RECEIPTS = Listing(
    orders=("decided_at", "sent_at", "step", "channel", "name"),
    words=("name", "address", "said", "why", "failure"),
    filters=(
        Filter("step"),
        Filter("channel", choices=Channel),
        Filter("person"),
        Filter("state", choices=NotificationState),
        Filter("stage", choices=Stage),
    ),
    is_whole=True,
)
LISTED = (
    Parameter("status", "One or more, with commas between"),
    *FILTERS,
    Parameter("search", "Words of title, description, short_id"),
    Parameter("ordering", "A field; a `-` before it for the last first", Literal[ORDERINGS]),
    PAGE,
    PAGE_SIZE,
)
_ACTS: dict[str, tuple[str, Any]] = {
    "acknowledge": ("Somebody has it: nobody else is paged", Nothing),
    "resolve": ("It is over", Resolved),
    "escalate": ("The next step of its policy, at once", Nothing),
    "notes": ("A note in the timeline", Noted),
    "unacknowledge": ("Nobody's again", Nothing),
    "unsnooze": ("Quiet no longer", Nothing),
    "mitigate": ("It hurts no longer", Nothing),
    "snooze": ("Quiet for a while", Snoozed),
    "reassign": ("Somebody else's", Reassigned),
    "decline": ("Somebody can't take it: the next is paged", Somebody),
    "still-on-it": ("A sign of life", Nothing),
    "merge": ("A duplicate of another", Merged),
    "link": ("Has to do with another", Linked),
    "severity": ("Graver, or less so", Graded),
    "lead": ("Who leads the answer", Somebody),
    "communications": ("Who speaks for it", Somebody),
    "updates": ("A status update for those who wait", Updated),
    "room": ("Its war room: made if there is none", Nothing),
}


def _act(summary: str, body: Any) -> Endpoint:
    return Endpoint(
        summary=summary,
        tag=_TAG,
        scope="write",
        body=body,
        is_body_needed=body is not Nothing,
        answer=IncidentDetail,
        parameters=(ONCE,),
    )


_MARKDOWN = Parameter("format", "`markdown` for a document; so does `Accept: text/markdown`")
ENDPOINTS: Endpoints = {
    ("GET", BASE): Endpoint(
        summary="Incidents",
        tag=_TAG,
        scope="read",
        parameters=(Parameter("is_drill", "`true` or `false`", bool), *LISTED),
        answer=IncidentPage,
    ),
    ("POST", BASE): Endpoint(
        summary="Declare one",
        tag=_TAG,
        scope="write",
        body=Declared,
        answer=IncidentDetail,
        status=201,
        parameters=(ONCE,),
    ),
    ("GET", ONE): Endpoint(summary="One of them", tag=_TAG, scope="read", answer=IncidentDetail),
    ("GET", ONE + "timeline/"): Endpoint(
        summary="What happened",
        tag=_TAG,
        scope="read",
        answer=Timeline,
        parameters=(_MARKDOWN, *TIMELINE.parameters()),
        media=("application/json", "text/markdown"),
    ),
    ("GET", ONE + "notifications/"): Endpoint(
        summary="Each page's receipt", tag=_TAG, scope="read", parameters=RECEIPTS.parameters(), answer=Receipts
    ),
    **{("POST", f"{ONE}{verb}/"): _act(*said) for verb, said in _ACTS.items()},
}
