"""Rules for alerts, mappings of tools and sources that say that they live, as the API shows and takes them. Pure."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, Required

from pydantic import Field
from typing_extensions import TypedDict

from domain.incidents import Severity
from handlers.catalog.finding_schema import Finding
from handlers.catalog.given import Minutes, Name, SeverityFilter
from handlers.catalog.schema import whole
from handlers.lists import SEVERITY, Filter, Listing
from handlers.schema import Endpoints


class AlertRule(TypedDict):
    """What becomes of alerts that fit: the first rule by `position` decides. `match` has patterns by label (or
    `source`, `token`)."""

    id: str
    position: int
    name: str
    match: dict[str, list[str]]
    service: str | None
    team: str | None
    severity: Severity | None
    drop: bool
    hold_minutes: int
    is_active: bool
    findings: NotRequired[list[Finding]]


class AlertRuleGiven(TypedDict, total=False):
    """A rule. Without a `position` it is asked last."""

    id: str | None
    findings: list[Any] | None
    position: Annotated[int, Field(ge=1, le=1000)] | None
    name: Required[Name]
    match: Required[dict[str, list[str] | str]]
    service: str | None
    team: str | None
    severity: SeverityFilter | None
    drop: bool | None
    hold_minutes: Minutes | None
    is_active: bool | None


class AlertMapping(TypedDict):
    """Where a tool's JSON has things: paths, tried in turn; `resolved` are the words of `status` for an alert's end."""

    id: str
    name: str
    title: list[str]
    key: list[str]
    severity: list[str]
    service: list[str]
    team: list[str]
    status: list[str]
    description: list[str]
    url: list[str]
    started: list[str]
    labels: list[str]
    resolved: list[str]
    findings: NotRequired[list[Finding]]


class AlertMappingGiven(TypedDict, total=False):
    """A mapping; a path is dotted (`event.title`) or a JSON pointer."""

    id: str | None
    findings: list[Any] | None
    name: Required[Name]
    title: Required[list[str] | str]
    key: list[str] | str | None
    severity: list[str] | str | None
    service: list[str] | str | None
    team: list[str] | str | None
    status: list[str] | str | None
    description: list[str] | str | None
    url: list[str] | str | None
    started: list[str] | str | None
    labels: list[str] | str | None
    resolved: list[str] | str | None


class HeartbeatSet(TypedDict):
    """A source as it is set."""

    id: str
    name: str
    service: str
    severity: Severity
    every_minutes: int
    grace_minutes: int
    is_active: bool
    findings: NotRequired[list[Finding]]


class HeartbeatGiven(TypedDict, total=False):
    """A source. What was heard of it may be sent back and is passed over."""

    id: str | None
    findings: list[Any] | None
    heard_at: str | None
    silent_at: str | None
    is_silent: bool | None
    name: Required[Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.-]+$")]]
    service: Required[str]
    severity: SeverityFilter | None
    every_minutes: Required[Minutes]
    grace_minutes: Minutes | None
    is_active: bool | None


class AlertRulePage(TypedDict):
    """A page of rules, in the order in which they are asked."""

    count: int
    next: str | None
    previous: str | None
    results: list[AlertRule]


class AlertMappingPage(TypedDict):
    """A page of mappings."""

    count: int
    next: str | None
    previous: str | None
    results: list[AlertMapping]


RULE_LISTING = Listing(
    orders=("position", "name", "service", "team", "severity"),
    words=("name", "match", "service", "team"),
    filters=(Filter("service"), Filter("team"), SEVERITY, Filter("is_active"), Filter("is_dropping", "drop")),
    usual="position",
)
MAPPING_LISTING = Listing(orders=("name",), words=("name", "title", "key"), filters=(Filter("name"),), usual="name")
HEARTBEAT_LISTING = Listing(orders=("name",), words=("name",), usual="name")
_HEARTBEATS = whole("heartbeats", "source", "admin", HEARTBEAT_LISTING, (None, HeartbeatSet, HeartbeatGiven))
ENDPOINTS: Endpoints = {
    **whole("alert-rules", "rule", "admin", RULE_LISTING, (AlertRulePage, AlertRule, AlertRuleGiven)),
    **whole("alert-mappings", "mapping", "admin", MAPPING_LISTING, (AlertMappingPage, AlertMapping, AlertMappingGiven)),
    **{key: one for key, one in _HEARTBEATS.items() if key[0] != "GET"},
}
