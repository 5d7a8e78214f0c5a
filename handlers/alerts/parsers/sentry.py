"""Sentry's integration webhooks (docs.sentry.io, integration platform, webhooks): issue, metric and activity alerts,
and what becomes of issues. Everything else that Sentry sends to the same address says nothing that anybody is paged
for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.alerts import Alert, AlertGroup, short
from domain.severity_words import clearest
from handlers.alerts.parsers.reading import LONGEST_TEXT, Reader, scalar

SOURCE = "sentry"
RESOURCE = "Sentry-Hook-Resource"
_METRIC = ("critical", "warning", "resolved")
_ISSUE_ENDS = ("resolved", "ignored", "archived")
_LEVELS = {"fatal": "critical", "error": "error", "warning": "warning", "info": "info", "debug": "low"}


def parse(headers: Mapping[str, str], body: object) -> AlertGroup:
    """The group of one that `body` is, or an empty one. Raises Invalid with every field that is wrong."""
    resource = headers.get(RESOURCE, "").strip().lower()
    sent = Reader(body)
    sent.close()
    if not resource and not sent.has("data") and (sent.has("project_slug") or sent.has("event")):
        return _plugin(sent)
    payload = sent.inner("data", required=True)
    sent.close()
    resource = resource or next((name for name in ("metric_alert", "event", "issue") if payload.has(name)), "")
    action = sent.text("action").strip().lower()
    if resource == "metric_alert":
        return _metric(sent, payload)
    if resource in ("event_alert", "event"):
        return _event(payload)
    if resource == "issue" and action in _ISSUE_ENDS:
        return _issue(payload)
    if resource == "activity_alert":
        return _activity(payload)
    return AlertGroup(source=SOURCE, key="", alerts=())


def _metric(sent: Reader, payload: Reader) -> AlertGroup:
    action = sent.choice("action", _METRIC)
    incident = payload.inner("metric_alert", required=True)
    rule = incident.inner("alert_rule")
    number = incident.key("identifier", "id")
    name = rule.text("name") or incident.text("title") or _after_colon(payload.text("description_title"))
    if not (number or name):
        incident.fault("id", "is missing or empty")
    sent.close()
    projects = rule.raw("projects") or incident.raw("projects")
    project = scalar(projects[0]) if isinstance(projects, list) and len(projects) == 1 else ""
    alert = Alert(
        source=SOURCE,
        fingerprint=short(f"metric:{number or name}"),
        started_at=incident.moment("date_started", "date_detected", "date_created"),
        is_firing=action != "resolved",
        title=name or payload.text("description_title"),
        description=payload.text("description_text"),
        url=payload.text("web_url"),
        labels=_told(project=project, severity=action, environment=rule.text("environment")),
    )
    return _alone(alert)


def _event(payload: Reader) -> AlertGroup:
    event = payload.inner("event", required=True)
    title = event.text("title", "message", "culprit")
    issue = event.key("issue_id", "group_id", "event_id")
    if not issue:
        event.fault("issue_id", "is missing or empty")
    event.close()
    tags = _tags(event.raw("tags"))
    project = _project(event.text("url", "issue_url")) or event.text("project_slug", "project_name")
    level = _LEVELS.get((event.text("level") or tags.get("level", "")).lower(), "error")
    told = _told(project=project, severity=level, rule=payload.text("triggered_rule"))
    told |= _told(environment=event.text("environment"), culprit=event.text("culprit"))
    alert = Alert(
        source=SOURCE,
        fingerprint=f"issue:{issue}",
        started_at=event.moment("datetime", "timestamp"),
        is_firing=True,
        title=title or f"Sentry issue {issue}",
        description=event.text("culprit"),
        url=event.text("web_url"),
        labels=_with_tags(told, tags),
    )
    return _alone(alert)


def _plugin(sent: Reader) -> AlertGroup:
    """What Sentry's older "WebHooks" plugin and its service hooks send: they never tell that an issue is over."""
    event, group = sent.inner("event"), sent.inner("group")
    issue = sent.key("id") or group.key("id")
    issue = issue or event.key("group_id", "groupID", "issue_id", "event_id")
    if not issue:
        sent.fault("id", "is missing or empty")
    title = event.text("title") or sent.text("message") or event.inner("metadata").text("title", "value", "type")
    tags, rules = _tags(event.raw("tags")), sent.raw("triggering_rules")
    rule = scalar(rules[0]) if isinstance(rules, list) and rules else ""
    level = _LEVELS.get((sent.text("level") or event.text("level")).lower(), "error")
    told = _told(project=_slug(sent), severity=level, rule=rule, culprit=sent.text("culprit"))
    alert = Alert(
        source=SOURCE,
        fingerprint=f"issue:{issue}",
        started_at=event.moment("datetime", "timestamp", "received"),
        is_firing=True,
        title=title or f"Sentry issue {issue}",
        description=sent.text("culprit"),
        url=sent.text("url") or group.text("url"),
        labels=_with_tags(told, tags),
    )
    sent.close()
    return _alone(alert)


def _slug(sent: Reader) -> str:
    """The project, which is a text, an object, or only a name."""
    said = sent.raw("project")
    short = scalar(said.get("slug")) if isinstance(said, dict) else scalar(said)
    return sent.text("project_slug") or short or sent.text("project_name")


def _issue(payload: Reader) -> AlertGroup:
    """Somebody ended an issue in Sentry."""
    issue = payload.inner("issue", required=True)
    number = issue.key("id", required=True)
    issue.close()
    title = issue.text("title")
    return _alone(Alert(source=SOURCE, fingerprint=f"issue:{number}", is_firing=False, title=title))


def _activity(payload: Reader) -> AlertGroup:
    """A rule about what happens to issues, of which their end is one."""
    issue = payload.inner("issue", required=True)
    number = issue.key("id", required=True)
    project = issue.inner("project")
    level = _LEVELS.get(issue.text("level").lower(), "error")
    told = _told(project=project.text("slug", "name"), severity=level, rule=payload.text("triggered_rule"))
    issue.close()
    alert = Alert(
        source=SOURCE,
        fingerprint=f"issue:{number}",
        started_at=issue.moment("firstSeen"),
        is_firing=issue.text("status").lower() not in _ISSUE_ENDS,
        title=issue.text("title") or f"Sentry issue {number}",
        description=issue.text("culprit"),
        url=issue.text("web_url", "permalink"),
        labels=told,
    )
    return _alone(alert)


def _alone(alert: Alert) -> AlertGroup:
    labels = dict(alert.labels)
    labels.setdefault("service", labels.get("project", ""))
    labels = {name: value for name, value in labels.items() if value}
    return AlertGroup(source=SOURCE, key=alert.fingerprint, alerts=(alert,), title=alert.title, labels=labels)


def _told(**said: str) -> dict[str, str]:
    return {name: value for name, value in said.items() if value}


def _with_tags(told: Mapping[str, str], tags: Mapping[str, str]) -> dict[str, str]:
    """Tags count before what Sentry itself says, but for a severity that nobody knows."""
    severity = clearest([tags.get("severity", ""), told.get("severity", "")])
    return {**told, **tags, **_told(severity=severity)}


def _tags(sent: Any) -> dict[str, str]:
    """Tags are pairs in events: `[["environment", "prod"], …]`, or `[{"key": "environment", "value": "prod"}, …]`."""
    listed = sent[:200] if isinstance(sent, list) else []
    pairs = [[one.get("key"), one.get("value")] if isinstance(one, dict) else one for one in listed]
    found = [pair for pair in pairs if isinstance(pair, list) and len(pair) == 2]
    said = {scalar(name)[:200]: scalar(value)[:LONGEST_TEXT] for name, value in found if scalar(name)}
    return {name: value for name, value in said.items() if value.strip()}


def _project(url: str) -> str:
    """The project's slug in `https://sentry.io/api/0/projects/org/project/events/…/`."""
    parts = url.split("/projects/", 1)[-1].split("/") if "/projects/" in url else []
    return parts[1] if len(parts) > 1 else ""


def _after_colon(title: str) -> str:
    """ "Critical: Too many errors" and "Resolved: Too many errors" are about one thing."""
    head, colon, rest = title.partition(": ")
    return rest if colon and head.lower() in _METRIC else title
