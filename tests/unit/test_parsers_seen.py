"""What tools really send, in the shapes of their versions: each says what it means, and none is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.alerts import severity_of
from domain.errors import Invalid
from domain.incidents import Severity
from handlers.alerts.parsers import alertmanager, datadog, generic, grafana, pagerduty, sentry
from tests.world import read

PARSERS = {module.SOURCE: module.parse for module in (alertmanager, grafana, datadog, sentry, pagerduty, generic)}
SEEN = [
    ("alertmanager-0.28", "node is down", "checkout", Severity.SEV1, [True, False]),
    ("grafana-unified", "DatasourceNoData", "checkout", Severity.SEV3, [True]),
    ("grafana-rule", "Collector alert", "checkout", Severity.SEV1, [True]),
    ("grafana-rule-ok", "Collector alert", "checkout", Severity.SEV3, [False]),
    ("sentry-plugin", "TypeError: can't read poll of undefined", "checkout", Severity.SEV1, [True]),
    ("datadog-default", "CPU is high", "", Severity.SEV3, [True]),
    ("datadog-no-data", "Heartbeat of the backup", "checkout", Severity.SEV2, [True]),
    ("pagerduty-alertmanager", "[FIRING:1] TargetDown node", "", Severity.SEV2, [True]),
    ("pagerduty-grafana", "[FIRING:1] Checkout latency", "checkout", Severity.SEV1, [True]),
    ("pagerduty-zabbix", "Disk of redis-3 is nearly full", "redis-prod", Severity.SEV2, [True]),
    ("generic-uptime", "Shop is down", "", Severity.SEV1, [True]),
]


def payload(name: str) -> Any:
    return json.loads(read(f"intake/seen/{name}.json"))


@pytest.mark.parametrize(("name", "title", "service", "severity", "firing"), SEEN, ids=[one[0] for one in SEEN])
def test_a_payload_says_what_it_means(
    name: str, title: str, service: str, severity: Severity, firing: list[bool]
) -> None:
    group = PARSERS[name.partition("-")[0]]({}, payload(name))
    assert group.title == title
    assert [alert.is_firing for alert in group.alerts] == firing
    assert {**group.labels, **group.alerts[0].labels}.get("service", "") == service
    assert severity_of(group) is severity
    assert group.key


def test_what_is_too_long_to_keep_loses_no_alert() -> None:
    body = payload("alertmanager-0.28")
    group = alertmanager.parse({}, body)
    assert len(group.key) == 2000
    assert group.alerts[0].url == ""
    other = alertmanager.parse({}, body | {"groupKey": body["groupKey"] + "x"})
    assert other.key != group.key
    long = [
        one | {"fingerprint": None, "labels": {"a": "x" * 500, "b": str(place)}}
        for place, one in enumerate(body["alerts"])
    ]
    first, second = alertmanager.parse({}, body | {"alerts": long}).alerts
    assert first.fingerprint != second.fingerprint
    assert len(first.fingerprint) == 200


def test_an_older_grafana_ends_what_it_began() -> None:
    fired, ended = (grafana.parse({}, payload(name)) for name in ("grafana-rule", "grafana-rule-ok"))
    assert fired.key == ended.key == "rule/1/7"
    assert fired.alerts[0].description == "The collector is late"
    with pytest.raises(Invalid):
        grafana.parse({}, payload("grafana-rule") | {"state": "odd"})


def test_sentry_s_plugin_is_one_incident_an_issue() -> None:
    group = sentry.parse({}, payload("sentry-plugin"))
    assert group.key == "issue:7470688687"
    assert group.alerts[0].labels["environment"] == "production"
    assert group.alerts[0].labels["rule"] == "Page somebody"
    assert not sentry.parse({"Sentry-Hook-Resource": "issue"}, payload("sentry-issue-created")).alerts


def test_pagerduty_s_details_are_what_people_read() -> None:
    [alert] = PARSERS["pagerduty"]({}, payload("pagerduty-zabbix")).alerts
    assert alert.description == "Event date: 2026.11.23\nTrigger severity: Average\nservice: redis-prod"


def test_pagerduty_s_end_needs_no_payload() -> None:
    group = pagerduty.parse({}, payload("pagerduty-resolve-min"))
    assert [alert.is_firing for alert in group.alerts] == [False]
