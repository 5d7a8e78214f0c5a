"""Tools whose JSON is known by its shape, so that nobody has to write a mapping for them. Pure.

Where a tool lets its user write the body, this is its own default.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from domain.alert_mappings import USUAL, AlertMapping, at, first


@dataclass(frozen=True, slots=True)
class KnownTool:
    """A body is this tool's when something is at each of `signs`. `remarks` are statuses, in lower case, that neither
    begin nor end anything: an alert that has ended, here or there, may get some yet. `apart` are those of another
    problem that the tool calls by the same key, `taken` those that say that somebody has it, `given_back` those that
    say that nobody has it any more."""

    signs: tuple[str, ...]
    mapping: AlertMapping
    remarks: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    given_back: tuple[str, ...] = ()


def is_remark(body: Any) -> bool:
    """Whether a known tool only tells what somebody wrote beside an alert."""
    found = _tool_of(body)
    return found is not None and _status(body, found) in found.remarks


def is_taken(body: Any) -> bool:
    """Whether a known tool tells that somebody has acknowledged an alert there."""
    found = _tool_of(body)
    return found is not None and _status(body, found) in found.taken


def is_given_back(body: Any) -> bool:
    """Whether a known tool tells that whoever acknowledged an alert there no longer has it."""
    found = _tool_of(body)
    return found is not None and _status(body, found) in found.given_back


def _status(body: Any, tool: KnownTool) -> str:
    said = first(body, tool.mapping.status)[1]
    return str(said).strip().lower() if isinstance(said, (str, int)) else ""


def _tool_of(body: Any) -> KnownTool | None:
    return next((one for one in TOOLS if all(at(body, sign) is not None for sign in one.signs)), None)


def mapping_of(body: Any) -> AlertMapping:
    """How a body is read that nobody wrote a mapping for. What somebody added to a tool's own is what they mean."""
    tool = _tool_of(body)
    if tool is None:
        return USUAL
    found, status = tool.mapping, _status(body, tool)
    if status in tool.apart:
        found = replace(found, name=f"{found.name}-{status}")
    own: dict[str, Any] = {name: (name, *getattr(found, name)) for name in ("title", "severity", "service", "team")}
    return replace(found, **own)


TOOLS = (
    KnownTool(
        ("heartbeat", "monitor", "msg"),
        AlertMapping(
            name="uptime-kuma",
            title=("monitor.name", "msg"),
            key=("monitor.id",),
            status=("heartbeat.status",),
            description=("heartbeat.msg", "msg"),
            url=("monitor.url",),
            started=("heartbeat.time",),
            resolved=("1",),
        ),
    ),
    KnownTool(
        ("monitorFriendlyName", "alertType"),
        AlertMapping(
            name="uptimerobot",
            title=("monitorFriendlyName",),
            key=("monitorID", "monitorFriendlyName"),
            status=("alertType",),
            description=("alertDetails",),
            url=("monitorURL",),
            started=("alertDateTime",),
            resolved=("2", "up"),
        ),
        # A certificate that is about to expire.
        apart=("3",),
    ),
    KnownTool(
        ("check_name", "current_state"),
        AlertMapping(
            name="pingdom",
            title=("check_name",),
            key=("check_id", "check_name"),
            severity=("importance_level",),
            status=("current_state",),
            description=("long_description", "description"),
            url=("check_params.full_url", "check_params.url"),
            started=("state_changed_timestamp",),
            resolved=("up", "success"),
        ),
    ),
    KnownTool(
        ("AlarmName", "NewStateValue"),
        AlertMapping(
            name="cloudwatch",
            title=("AlarmName",),
            key=("AlarmArn", "AlarmName"),
            status=("NewStateValue",),
            description=("NewStateReason", "AlarmDescription"),
            started=("StateChangeTime",),
            resolved=("ok",),
        ),
    ),
    KnownTool(
        ("detail.alarmName", "detail.state.value"),
        AlertMapping(
            name="eventbridge",
            title=("detail.alarmName",),
            key=("resources.0", "detail.alarmName"),
            status=("detail.state.value",),
            description=("detail.state.reason",),
            started=("detail.state.timestamp", "time"),
            resolved=("ok",),
        ),
    ),
    KnownTool(
        ("incident.incident_id", "incident.state"),
        AlertMapping(
            name="google-cloud",
            title=("incident.policy_name", "incident.condition_name", "incident.summary"),
            key=("incident.incident_id",),
            severity=("incident.severity",),
            status=("incident.state",),
            description=("incident.summary", "incident.documentation.content"),
            url=("incident.url",),
            started=("incident.started_at",),
            labels=("incident.policy_user_labels",),
            resolved=("closed",),
        ),
    ),
    KnownTool(
        ("data.essentials.alertId", "data.essentials.monitorCondition"),
        AlertMapping(
            name="azure",
            title=("data.essentials.alertRule",),
            key=("data.essentials.originAlertId", "data.essentials.alertId"),
            severity=("data.essentials.severity",),
            status=("data.essentials.monitorCondition",),
            description=("data.essentials.description",),
            url=("data.essentials.investigationLink",),
            started=("data.essentials.firedDateTime",),
            resolved=("resolved",),
        ),
    ),
    KnownTool(
        ("issueUrl", "state"),
        AlertMapping(
            name="new-relic",
            title=("title", "issueTitle"),
            key=("id", "issueId", "issueUrl"),
            severity=("priority",),
            status=("state",),
            url=("issueUrl", "issuePageUrl"),
            started=("createdAt",),
            resolved=("closed",),
        ),
    ),
    KnownTool(
        ("condition_name", "current_state"),
        AlertMapping(
            name="new-relic-policy",
            title=("condition_name", "policy_name"),
            key=("incident_id", "condition_id"),
            severity=("severity",),
            status=("current_state",),
            description=("details",),
            url=("incident_url",),
            started=("timestamp",),
            resolved=("closed",),
        ),
    ),
    KnownTool(
        ("action", "alert.alertId"),
        AlertMapping(
            name="opsgenie",
            title=("alert.message",),
            key=("alert.alias", "alert.alertId"),
            severity=("alert.priority",),
            status=("action",),
            description=("alert.description",),
            team=("alert.team",),
            started=("alert.createdAt",),
            labels=("alert.details",),
            resolved=("close", "delete"),
        ),
        remarks=(
            *("addnote", "addtags", "removetags", "adddetails", "removedetails", "addteam", "addrecipient"),
            *("assignownership", "takeownership", "snooze"),
        ),
        taken=("acknowledge",),
        given_back=("unacknowledge",),
    ),
    KnownTool(
        ("search_name", "sid"),
        AlertMapping(
            name="splunk",
            title=("search_name",),
            key=("search_name",),
            severity=("result.severity",),
            service=("result.service",),
            description=("result._raw",),
            url=("results_link",),
        ),
    ),
    KnownTool(
        ("ProblemTitle", "State"),
        AlertMapping(
            name="dynatrace",
            title=("ProblemTitle",),
            key=("PID", "ProblemID"),
            severity=("ProblemSeverity",),
            status=("State",),
            description=("ProblemDetailsText", "ImpactedEntity"),
            url=("ProblemURL",),
            resolved=("resolved", "merged"),
        ),
    ),
    KnownTool(
        ("data.attributes.cause", "data.id"),
        AlertMapping(
            name="better-stack",
            title=("data.attributes.name", "data.attributes.cause"),
            key=("data.id",),
            status=("data.attributes.status",),
            description=("data.attributes.cause",),
            url=("data.attributes.url",),
            started=("data.attributes.started_at",),
            resolved=("resolved",),
        ),
        taken=("acknowledged",),
    ),
    KnownTool(
        ("level", "id", "previousLevel"),
        AlertMapping(
            name="kapacitor",
            title=("message", "id"),
            key=("id",),
            severity=("level",),
            status=("level",),
            description=("details",),
            started=("time",),
            resolved=("ok",),
        ),
    ),
    KnownTool(
        ("event_name", "data.item.title"),
        AlertMapping(
            name="rollbar",
            title=("data.item.title",),
            key=("data.item.id",),
            severity=("data.item.last_occurrence.level", "data.occurrence.level"),
            status=("event_name",),
            url=("url", "data.url"),
            labels=("data.item",),
            resolved=("resolved_item",),
        ),
    ),
)
