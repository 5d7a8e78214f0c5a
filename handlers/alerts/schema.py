"""What sources send and are answered. Their bodies are their own: docs/alerts.md says what is read of them. Pure."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from handlers.schema import Endpoint, Endpoints, Parameter

_BASE = "/api/v1/webhooks/"
Anything: TypeAlias = dict[str, Any]


class Opened(TypedDict):
    """The incident that the alert belongs to."""

    id: str
    short_id: str


class LeftOut(TypedDict):
    """What is wrong with an alert, and where."""

    field: str
    message: str


class Taken(TypedDict):
    """The alert is on the disk. `incident` is null where there is none: held back, dropped by a rule, resolved.
    `errors` is there when alerts of a group can't be read and are left out."""

    incident: Opened | None
    opened: bool
    errors: NotRequired[list[LeftOut]]


class EventTaken(TypedDict):
    """The event is on the disk."""

    status: str
    message: str
    dedup_key: str


class EventRefused(TypedDict):
    """Why it is not, in PagerDuty's words."""

    status: str
    message: str
    errors: list[str]


def _webhook(source: str, parameters: tuple[Parameter, ...] = ()) -> Endpoint:
    return Endpoint(
        summary=f"Alerts of {source}",
        tag="alerts",
        scope="ingest",
        body=Annotated[Anything, Field(description=f"What {source} sends")],
        answer=Taken,
        status=202,
        parameters=parameters,
    )


_EVENTS = Endpoint(
    summary="Events for PagerDuty",
    tag="alerts",
    body=Annotated[Anything, Field(description="What a client of PagerDuty sends")],
    answer=EventTaken,
    status=202,
    others={400: EventRefused, 403: EventRefused, 429: EventRefused, 503: None},
)
_MAPPING = Parameter("mapping", "The name of a mapping in the catalog; `default` unless said")
ENDPOINTS: Endpoints = {
    ("POST", f"{_BASE}alertmanager/"): _webhook("Alertmanager"),
    ("POST", f"{_BASE}grafana/"): _webhook("Grafana"),
    ("PUT", f"{_BASE}grafana/"): _webhook("Grafana"),
    ("POST", f"{_BASE}datadog/"): _webhook("Datadog"),
    ("POST", f"{_BASE}sentry/"): _webhook("Sentry"),
    ("POST", f"{_BASE}generic/"): _webhook("any tool", (_MAPPING,)),
    ("POST", f"{_BASE}pagerduty/"): _EVENTS,
    ("POST", "/v2/enqueue"): _EVENTS,
}
