"""What each source sends, as alerts: the shapes that their documents show, and whatever else may come."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert_mappings import AlertMapping, at
from domain.alerts import Alert, AlertGroup, severity_of
from domain.errors import Invalid
from domain.incidents import Severity
from handlers.alerts.parsers import alertmanager, datadog, generic, grafana, pagerduty, sentry
from handlers.alerts.parsers.reading import moment
from tests.world import read

PARSERS = {module.SOURCE: module.parse for module in (alertmanager, grafana, datadog, sentry, pagerduty, generic)}


def payload(name: str) -> Any:
    return json.loads(read(f"intake/{name}.json"))


def refused(body: object, source: str) -> list[str]:
    """The fields that a parser names."""
    with pytest.raises(Invalid) as refusal:
        PARSERS[source]({}, body)
    return [fault.field for fault in refusal.value.faults]


def test_grafana_is_alertmanager_with_a_panel() -> None:
    group = grafana.parse({}, payload("grafana"))
    [alert] = group.alerts
    assert (group.source, group.key, group.title) == (
        "grafana",
        '{}:{alertname="Checkout latency"}',
        "Checkout answers in 4 s",
    )
    assert alert.url == "https://grafana.example.com/d/shop?viewPanel=2"
    assert (alert.labels["service"], severity_of(group)) == ("checkout", Severity.SEV1)
    assert alert.started_at == datetime(2026, 11, 23, 3, 1, 50, tzinfo=UTC)
    assert refused({"alerts": [{"status": "odd"}]}, "grafana") == ["alerts[0].status", "alerts[0].startsAt"]


def test_datadog_says_everything_in_the_template() -> None:
    group = datadog.parse({}, payload("datadog"))
    [alert] = group.alerts
    assert (group.title, group.key, alert.is_firing) == ("Disk is nearly full", "1406662672000001", True)
    assert (alert.labels["service"], alert.labels["host"], alert.labels["env"]) == ("checkout", "web-1", "prod")
    assert severity_of(group) is Severity.SEV1
    ended = datadog.parse({}, payload("datadog") | {"title": "[Recovered] Disk", "transition": "Recovered"})
    assert not ended.alerts[0].is_firing
    assert ended.alerts[0].key == alert.key


@pytest.mark.parametrize(
    ("title", "is_firing", "severity"),
    [
        ("[Triggered on {host:web-1}] Disk is full", True, Severity.SEV3),
        ("[P1] [Triggered on {host:web-1}] Disk is full", True, Severity.SEV3),
        ("[Re-Triggered] Disk is full", True, Severity.SEV3),
        ("[Warn] Disk is full", True, Severity.SEV2),
        ("[No Data] Disk is full", True, Severity.SEV2),
        ("[Recovered on {host:web-1}] Disk is full", False, Severity.SEV3),
        ("Disk is full", True, Severity.SEV3),
    ],
)
def test_datadog_by_its_own_default_template(title: str, is_firing: bool, severity: Severity) -> None:
    group = datadog.parse({}, {"id": "99", "title": title, "body": "x", "last_updated": "1795406515000"})
    place = "host:web-1/" if "web-1" in title else ""
    assert (group.title, group.key, group.alerts[0].is_firing) == ("Disk is full", f"{place}Disk is full", is_firing)
    assert severity_of(group) is severity
    assert refused({"body": "x"}, "datadog") == ["title"]


def test_one_monitor_of_datadog_s_in_two_places_is_two_alerts_each_with_its_end() -> None:
    def sent(transition: str, host: str) -> Alert:
        title = f"[P1] [{transition} on {{host:{host},pod:{'x' * 250},service:shop}}] Disk is full"
        return datadog.parse({}, {"id": "99", "title": title, "body": "x"}).alerts[0]

    assert sent("Triggered", "web-1").name != sent("Triggered", "web-2").name
    over = sent("Recovered", "web-1")
    assert (over.name, over.is_firing) == (sent("Triggered", "web-1").name, False)
    assert (over.labels["host"], over.labels["service"]) == ("web-1", "shop")


def test_sentry_metric_alerts() -> None:
    headers = {"Sentry-Hook-Resource": "metric_alert"}
    group = sentry.parse(headers, payload("sentry-metric"))
    [alert] = group.alerts
    assert (group.title, group.key, severity_of(group)) == ("Too many errors", "metric:1", Severity.SEV1)
    assert group.labels["service"] == "checkout"
    resolved = payload("sentry-metric") | {"action": "resolved"}
    ended = sentry.parse(headers, resolved).alerts[0]
    assert (ended.is_firing, ended.key) == (False, alert.key)
    assert (
        refused({"action": "open", "data": {"metric_alert": {}}}, "sentry") == ["data.metric_alert.id", "action"][::-1]
    )


def test_a_tag_of_sentry_that_says_nothing_hides_nothing_that_does() -> None:
    def labels(*tags: list[str | None]) -> tuple[str, str]:
        url = "https://sentry.io/api/0/projects/shop/checkout/events/1/"
        event = {"title": "It broke", "issue_id": "1", "level": "fatal", "url": url, "tags": list(tags)}
        found = sentry.parse({}, {"action": "triggered", "data": {"event": event}})
        return found.labels["severity"], found.labels["service"]

    assert labels() == ("critical", "checkout")
    assert labels(["severity", "of the invoice"], ["service", " "]) == ("critical", "checkout")
    assert labels(["severity", None], ["service", None]) == ("critical", "checkout")
    assert labels(["severity", "low"], ["service", "shop"]) == ("low", "shop")


def test_sentry_issue_alerts_and_what_becomes_of_issues() -> None:
    group = sentry.parse({"Sentry-Hook-Resource": "event_alert"}, payload("sentry-issue"))
    [alert] = group.alerts
    assert (group.title, group.key) == ("CardRefused: the bank does not answer", "issue:1170820242")
    assert (group.labels["service"], alert.labels["environment"]) == ("checkout", "prod")
    assert severity_of(group) is Severity.SEV1
    issue = {"action": "resolved", "data": {"issue": {"id": "1170820242", "title": "CardRefused"}}}
    ended = sentry.parse({"Sentry-Hook-Resource": "issue"}, issue)
    assert ended.alerts[0].key == alert.key
    assert not ended.alerts[0].is_firing


@pytest.mark.parametrize("resource", ["installation", "comment", "error", "issue"])
def test_sentry_says_much_that_nobody_is_paged_for(resource: str) -> None:
    body = {"action": "created", "data": {"issue": {"id": "1"}}}
    assert sentry.parse({"Sentry-Hook-Resource": resource}, body).alerts == ()


def test_pagerduty_events() -> None:
    group = pagerduty.parse({}, payload("pagerduty"))
    [alert] = group.alerts
    assert group.key == "checkout/disk"
    assert (group.title, severity_of(group)) == ("Disk of checkout-3 is nearly full", Severity.SEV2)
    assert (alert.labels["service"], alert.labels["free"]) == ("checkout", "2 %")
    assert alert.url == "https://monitor.example.com/graphs/7"
    assert alert.started_at == datetime(2026, 11, 23, 4, 1, 55, 123000, tzinfo=UTC)
    acknowledged = pagerduty.parse({}, {"event_action": "acknowledge", "dedup_key": "checkout/disk"})
    assert acknowledged.is_acknowledgement
    assert acknowledged.place == group.place
    resolved = pagerduty.parse({}, {"event_action": "resolve", "dedup_key": "checkout/disk"})
    assert (resolved.alerts[0].key, resolved.alerts[0].is_firing) == (alert.key, False)


def test_pagerduty_names_what_is_wrong() -> None:
    assert refused({"event_action": "shout"}, "pagerduty") == ["event_action"]
    assert refused({"event_action": "resolve"}, "pagerduty") == ["dedup_key"]
    assert refused({"event_action": "trigger", "payload": {"severity": "odd"}}, "pagerduty") == [
        "payload.summary",
        "payload.source",
        "payload.severity",
    ]
    assert refused(payload("pagerduty") | {"dedup_key": "x" * 256}, "pagerduty") == ["dedup_key"]


MAPPING = AlertMapping(
    name="zabbix",
    title=("event.title",),
    key=("/event/id",),
    severity=("level",),
    service=("app",),
    status=("state",),
    description=("details.0",),
    labels=("event.tags",),
    resolved=("ok",),
)


def test_any_tool_by_a_mapping() -> None:
    group = generic.parse({}, payload("generic"), MAPPING)
    [alert] = group.alerts
    assert (group.key, group.title, alert.description) == ("zabbix:backup-7", "Backup failed", "no space left")
    assert alert.labels == {"env": "prod", "severity": "disaster", "service": "checkout"}
    assert severity_of(group) is Severity.SEV1
    assert not generic.parse({}, payload("generic") | {"state": "OK"}, MAPPING).alerts[0].is_firing
    with pytest.raises(Invalid, match=r"event\.title"):
        generic.parse({}, {"title": "elsewhere"}, MAPPING)


@pytest.mark.parametrize("status", ["resolved", "OK", "Recovery", "closed", "up", "Résolu", "✅ Re\u0301tablie."])
def test_any_tool_by_the_names_that_most_use(status: str) -> None:
    said = {"title": "Backup failed", "priority": "P2", "service": "db", "labels": {"env": "prod", "n": 3}}
    group = generic.parse({}, said)
    assert (group.key, severity_of(group)) == ("db/Backup failed", Severity.SEV2)
    assert group.labels == {"env": "prod", "n": "3", "severity": "P2", "service": "db"}
    ended = generic.parse({}, said | {"status": status})
    assert not ended.alerts[0].is_firing
    assert ended.place == group.place
    assert refused({"message": ["x"]}, "generic") == ["message"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b", 1),
        ("/a/b", 1),
        ("a.c.1", "y"),
        ("/a/c/1", "y"),
        ("/d~1e", 2),
        ("a.c.7", None),
        ("a.b.c", None),
        ("", None),
    ],
)
def test_paths(path: str, found: object) -> None:
    assert at({"a": {"b": 1, "c": ["x", "y"]}, "d/e": 2}, path) == found


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-23T04:01:55Z",
        "2026-11-23T05:01:55.000000000+01:00",
        "20261123T040155Z",
        "20261123040155",
        20261123040155,
        1795406515,
        "1795406515000",
        1795406515000,
        1795406515000000,
        "1795406515000000000",
    ],
)
def test_times(written: object) -> None:
    assert moment(written) == datetime(2026, 11, 23, 4, 1, 55, tzinfo=UTC)


@pytest.mark.parametrize("written", ["20261127", 20261127, "2026-11-27"])
def test_a_day_without_its_dashes_is_a_day(written: object) -> None:
    assert moment(written) == datetime(2026, 11, 27, tzinfo=UTC)


@pytest.mark.parametrize("written", ["20261341", 20261341, 0, -1, 42, "17", 86_400, 946_684_799, 3.5, 10**400, "²"])
def test_a_number_that_is_long_ago_since_1970_says_no_time(written: object) -> None:
    assert moment(written) is None


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
_VALUES = st.recursive(
    _SCALARS | st.sampled_from(["trigger", "resolve", "critical", "resolved", "firing", "2026-11-23T04:01:55Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


OLDER = ("seen/grafana-rule", "seen/sentry-plugin")


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, object]:
    """A source, and what it sends with something changed somewhere; or anything at all."""
    source = draw(st.sampled_from(sorted(PARSERS)))
    names = ("grafana", "datadog", "sentry-metric", "sentry-issue", "pagerduty", "generic", *OLDER)
    body = draw(st.sampled_from([payload(name) for name in names]) | _VALUES)
    node = body
    while isinstance(node, dict) and node:
        name = draw(st.sampled_from(sorted(node)))
        if draw(st.booleans()) or not isinstance(node[name], dict):
            node[name] = draw(_VALUES)
            break
        node = node[name]
    return source, body


@given(bodies())
def test_a_parser_gives_a_group_or_names_fields(sent: tuple[str, object]) -> None:
    source, body = sent
    try:
        group = PARSERS[source]({}, body)
    except Invalid:
        return
    assert isinstance(group, AlertGroup)
    assert all(isinstance(value, str) for alert in group.alerts for value in alert.labels.values())
    assert all(alert.source == source for alert in group.alerts)


@pytest.mark.parametrize(
    "parse",
    [
        lambda key: generic.parse({}, {"title": "Down", "key": key}),
        lambda key: generic.parse({}, {"title": key}),
        lambda key: datadog.parse({}, payload("datadog") | {"cycle_key": key}),
        lambda key: generic.parse({}, {"title": "Down", "key": key}, replace(MAPPING, key=("key",), title=("title",))),
    ],
    ids=["a key", "a title", "datadog", "a tool of its own"],
)
def test_two_long_keys_that_differ_at_their_ends_are_two_alerts(parse: Callable[[str], AlertGroup]) -> None:
    one, other = (parse("k" * 3000 + end).alerts[0].fingerprint for end in "12")
    assert one != other and len(one) <= 500
    assert parse("k" * 3000 + "1").alerts[0].fingerprint == one


def test_one_title_of_two_services_is_two_alerts() -> None:
    said = {"title": "Disk full", "service": "redis-prod"}
    one, again, other, none = (
        generic.parse({}, body).alerts[0].fingerprint
        for body in (said, said | {"status": "resolved"}, said | {"service": "web"}, {"title": "Disk full"})
    )
    assert one == again and len({one, other, none}) == 3
