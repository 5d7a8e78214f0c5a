"""Bodies of tools that nobody wrote a mapping for, and odd ones of those that have a door of their own: each says what
it means, an end ends what its beginning began, and none is lost."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from domain.alerts import UNDATED, severity_of
from domain.incidents import Severity
from domain.known_tools import TOOLS
from handlers.alerts.envelopes import opened, unwrapped
from handlers.alerts.parsers import alertmanager, datadog, generic, sentry

SEV1, SEV2, SEV3, SEV4 = Severity
KUMA = {
    "heartbeat": {"status": 0, "msg": "connect ECONNREFUSED", "time": "2026-11-23 04:01:55.123", "important": True},
    "monitor": {"id": 7, "name": "Shop", "url": "https://shop.example", "type": "http"},
    "msg": "[Shop] [🔴 Down] connect ECONNREFUSED",
}
ROBOT = {"monitorID": "77", "monitorURL": "https://shop.example", "monitorFriendlyName": "Shop", "alertType": "1"}
PINGDOM = {"check_id": 12345, "check_name": "Shop", "current_state": "DOWN", "importance_level": "HIGH"}
CLOUDWATCH = {
    "AlarmName": "CPU",
    "AlarmArn": "arn:aws:cloudwatch:x",
    "NewStateValue": "ALARM",
    "NewStateReason": "> 90",
}
GOOGLE: dict[str, Any] = {
    "version": "1.2",
    "incident": {"incident_id": "0.x", "policy_name": "Errors", "state": "open", "severity": "Error"},
}
ESSENTIALS = {"alertId": "/a/1", "alertRule": "Errors", "severity": "Sev0", "monitorCondition": "Fired"}
AZURE = {"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": ESSENTIALS, "alertContext": {}}}
RELIC = {
    "id": "i-1",
    "issueUrl": "https://one.example/i-1",
    "title": "Errors",
    "state": "ACTIVATED",
    "priority": "CRITICAL",
}
POLICY = {"incident_id": 9, "condition_name": "Errors", "current_state": "open", "severity": "CRITICAL"}
GENIE = {"action": "Create", "alert": {"alertId": "g-1", "message": "Errors", "priority": "P2", "alias": "errors"}}
DYNATRACE = {"PID": "p-1", "ProblemTitle": "Failures", "State": "OPEN", "ProblemSeverity": "ERROR"}
STACK = {"data": {"id": "5", "attributes": {"name": "Shop", "cause": "Status 500", "status": "Started"}}}
KAPACITOR = {
    "id": "cpu",
    "message": "CPU is high",
    "level": "CRITICAL",
    "previousLevel": "OK",
    "time": "2026-11-23T04:01:55Z",
}
ROLLBAR = {"event_name": "new_item", "data": {"item": {"id": 5, "title": "TypeError", "environment": "production"}}}
EVENT = {"source": "aws.cloudwatch", "detail": {"alarmName": "CPU", "state": {"value": "ALARM", "reason": "> 90"}}}
KNOWN: list[tuple[str, dict[str, Any], dict[str, Any], str, Severity]] = [
    ("uptime-kuma", KUMA, KUMA | {"heartbeat": {"status": 1, "msg": "200 - OK"}}, "Shop", SEV3),
    ("uptimerobot", ROBOT, ROBOT | {"alertType": "2"}, "Shop", SEV3),
    ("pingdom", PINGDOM, PINGDOM | {"current_state": "UP"}, "Shop", SEV2),
    ("cloudwatch", CLOUDWATCH, CLOUDWATCH | {"NewStateValue": "OK"}, "CPU", SEV3),
    ("google-cloud", GOOGLE, GOOGLE | {"incident": {**GOOGLE["incident"], "state": "closed"}}, "Errors", SEV2),
    ("azure", AZURE, {"data": {"essentials": ESSENTIALS | {"monitorCondition": "Resolved"}}}, "Errors", SEV1),
    ("new-relic", RELIC, RELIC | {"state": "CLOSED"}, "Errors", SEV1),
    ("new-relic-policy", POLICY, POLICY | {"current_state": "closed"}, "Errors", SEV1),
    ("opsgenie", GENIE, GENIE | {"action": "Close"}, "Errors", SEV2),
    ("dynatrace", DYNATRACE, DYNATRACE | {"State": "RESOLVED"}, "Failures", SEV2),
    ("better-stack", STACK, {"data": {"id": "5", "attributes": {"cause": "x", "status": "Resolved"}}}, "Shop", SEV3),
    ("kapacitor", KAPACITOR, KAPACITOR | {"level": "OK"}, "CPU is high", SEV1),
    ("rollbar", ROLLBAR, ROLLBAR | {"event_name": "resolved_item"}, "TypeError", SEV3),
    ("eventbridge", EVENT, {"detail": {"alarmName": "CPU", "state": {"value": "OK"}}}, "CPU", SEV3),
]


@pytest.mark.parametrize(("tool", "begins", "ends", "title", "severity"), KNOWN, ids=[one[0] for one in KNOWN])
def test_a_known_tool_needs_no_mapping(
    tool: str, begins: dict[str, Any], ends: dict[str, Any], title: str, severity: Severity
) -> None:
    first, last = generic.parse({}, begins), generic.parse({}, ends)
    assert (first.title, severity_of(first), first.alerts[0].is_firing) == (title, severity, True)
    assert last.key == first.key
    assert first.key.startswith(f"{tool}:")
    assert last.alerts[0].is_firing is False


@pytest.mark.parametrize("status", ["3", 3])
def test_a_certificate_that_expires_is_not_the_site_that_is_down(status: str | int) -> None:
    expires, down = generic.parse({}, ROBOT | {"alertType": status}), generic.parse({}, ROBOT)
    assert (expires.alerts[0].is_firing, expires.key) == (True, "uptimerobot-3:77")
    assert down.key == "uptimerobot:77"


@pytest.mark.parametrize(
    "body",
    [
        GENIE | {"action": "Acknowledge"},
        GENIE | {"action": "TakeOwnership"},
        {"data": {"id": "5", "attributes": {"cause": "Status 500", "status": "Acknowledged"}}},
    ],
)
def test_who_has_it_there_begins_nothing_here(body: dict[str, Any]) -> None:
    """Somebody may have resolved it here, and tidies up in the other tool."""
    assert generic.parse({}, body).alerts == ()


def test_rollbar_says_how_bad_the_last_one_was() -> None:
    item = {"id": 5, "title": "TypeError", "last_occurrence": {"level": "critical"}}
    assert severity_of(generic.parse({}, ROLLBAR | {"data": {"item": item}})) is SEV1


def test_splunk_says_no_end_and_every_other_tool_is_tried() -> None:
    group = generic.parse({}, {"search_name": "Errors", "sid": "1", "results_link": "https://s.example", "result": {}})
    assert (group.title, group.alerts[0].is_firing, group.alerts[0].url) == ("Errors", True, "https://s.example")
    assert {one.mapping.name for one in TOOLS} == {"splunk", *(one[0] for one in KNOWN)}


def test_what_somebody_added_to_a_tool_s_body_is_what_they_mean() -> None:
    group = generic.parse({}, KUMA | {"title": "The shop is down", "severity": "P1", "service": "shop"})
    assert (group.title, severity_of(group), group.labels["service"]) == ("The shop is down", SEV1, "shop")


@pytest.mark.parametrize(
    ("body", "title", "severity", "is_firing"),
    [
        ({"event": {"title": "Deep", "severity": "high"}, "status": "firing"}, "Deep", SEV2, True),
        ({"labels": {"alertname": "X", "severity": "critical"}, "annotations": {"summary": "Sum"}}, "Sum", SEV1, True),
        ({"specversion": "1.0", "id": "1", "data": {"title": "T", "state": "resolved"}}, "T", SEV3, False),
        ({"alert_group": {"id": "a", "title": "T", "state": "resolved"}, "alert": {"x": 1}}, "T", SEV3, False),
        ({"check": "backup", "status": "up"}, "backup", SEV3, False),
        ({"Name": "Shop", "Status": "Down", "StatusCode": "500"}, "Shop", SEV3, True),
        ({"message": "web-1 recovered", "alarm": "disk", "severity": "clear"}, "web-1 recovered", SEV3, False),
        ({"title": "Disk", "severity": "clear", "status": "firing"}, "Disk", SEV3, True),
        ({"title": "Disk", "priority": "normal"}, "Disk", SEV3, True),
    ],
)
def test_what_is_inside_is_looked_for(body: dict[str, Any], title: str, severity: Severity, is_firing: bool) -> None:
    group = generic.parse({}, body)
    assert (group.title, severity_of(group), group.alerts[0].is_firing) == (title, severity, is_firing)


def test_sns_is_an_envelope() -> None:
    envelope = {"Type": "Notification", "MessageId": "m-1", "Subject": "ALARM: CPU", "Message": json.dumps(CLOUDWATCH)}
    assert unwrapped(envelope) == CLOUDWATCH
    group = generic.parse({}, unwrapped(envelope | {"Message": "Somebody wrote this"}))
    assert (group.title, group.key, group.alerts[0].description) == ("ALARM: CPU", "m-1", "Somebody wrote this")
    assert unwrapped({"title": "x"}) == {"title": "x"}


def test_forms_are_read_as_what_is_in_them() -> None:
    form = "application/x-www-form-urlencoded"
    said = {"title": "[Triggered] CPU is high", "tags": "service:shop,env:prod"}
    assert opened(form, urlencode(said).encode()) == said
    assert opened(form, urlencode({"payload": json.dumps(said)}).encode()) == said
    assert opened(form, json.dumps(said).encode()) == said
    assert opened(form, b'\xef\xbb\xbf{"title": "a=b"}') == {"title": "a=b"}
    assert datadog.parse({}, opened(form, urlencode(said).encode())).labels["service"] == "shop"


@pytest.mark.parametrize(
    ("body", "title", "is_firing"),
    [
        ({"title": "[TEST] [P2] [Triggered on {host:a}] CPU is high"}, "CPU is high", True),
        ({"title": "[TEST] [Recovered] CPU is high"}, "CPU is high", False),
        ({"title": "[Re-Triggered] [prod] CPU is high"}, "[prod] CPU is high", True),
        ({"title": "[prod] CPU is high"}, "[prod] CPU is high", True),
        ({"title": "CPU is high", "alert_type": "success"}, "CPU is high", False),
        ({"title": "[P1] [No Data] CPU", "tags": ["service:shop", "env:prod"]}, "CPU", True),
    ],
)
def test_datadog_s_brackets(body: dict[str, Any], title: str, is_firing: bool) -> None:
    group = datadog.parse({}, body | {"body": "%%%\nHelp\n%%%"})
    assert (group.title, group.alerts[0].is_firing, group.alerts[0].description) == (title, is_firing, "Help")


def test_a_beginning_that_go_never_set_loses_no_alert() -> None:
    alert = {"status": "firing", "labels": {"alertname": "Down"}, "startsAt": "0001-01-01T00:00:00Z"}
    [found] = alertmanager.parse({}, {"alerts": [alert]}).alerts
    assert (found.title, found.started, found.started_at) == ("Down", UNDATED, None)


@pytest.mark.parametrize(
    ("body", "key", "project"),
    [
        ({"id": 7, "project": "shop", "project_name": "Shop", "message": "TypeError", "event": {}}, "issue:7", "shop"),
        ({"project": {"slug": "shop"}, "group": {"id": "9"}, "event": {"title": "TypeError"}}, "issue:9", "shop"),
        ({"project_name": "shop", "event": {"groupID": "9", "title": "TypeError"}}, "issue:9", "shop"),
    ],
)
def test_sentry_s_older_hooks(body: dict[str, Any], key: str, project: str) -> None:
    group = sentry.parse({}, body)
    assert (group.key, group.title, group.labels["project"]) == (key, "TypeError", project)


def test_sentry_s_rules_about_activity() -> None:
    issue = {
        "id": "1170820242",
        "title": "ReferenceError",
        "level": "fatal",
        "status": "unresolved",
        "project": {"slug": "shop"},
    }
    body = {"action": "triggered", "data": {"issue": issue, "triggered_rule": "Regressions"}}
    group = sentry.parse({"Sentry-Hook-Resource": "activity_alert"}, body)
    assert (group.key, group.title, severity_of(group)) == ("issue:1170820242", "ReferenceError", SEV1)
    assert (group.labels["service"], group.labels["rule"], group.alerts[0].is_firing) == ("shop", "Regressions", True)
    over = {"action": "triggered", "data": {"issue": issue | {"status": "resolved"}}}
    assert sentry.parse({"Sentry-Hook-Resource": "activity_alert"}, over).alerts[0].is_firing is False
