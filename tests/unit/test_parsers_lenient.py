"""Bodies with something odd beside what a page needs: the page is not lost for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.alerts import severity_of
from domain.incidents import Severity
from handlers.alerts.envelopes import in_words, opened, unwrapped
from handlers.alerts.parsers import alertmanager, datadog, generic, sentry
from tests.unit.test_parsers_seen import payload

OPTIONAL = ("severity", "priority", "service", "team", "status", "state", "url", "link", "key", "id", "labels", "tags")
ODD: tuple[Any, ...] = ({"x": {}}, [[]], [{}], {"n": None}, [None])


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize("value", ODD, ids=str)
def test_any_tool_needs_a_title_and_nothing_else(name: str, value: Any) -> None:
    group = generic.parse({}, {"title": "The database is down", name: value})
    assert (group.title, group.alerts[0].is_firing) == ("The database is down", True)


def test_an_object_says_what_it_is_called() -> None:
    said = {
        "service": {"id": "7", "name": "checkout"},
        "severity": {"value": "critical"},
        "link": [{"href": "https://a"}],
    }
    group = generic.parse({}, {"title": "Down"} | said)
    assert (group.labels["service"], severity_of(group)) == ("checkout", Severity.SEV1)
    assert group.alerts[0].url == "https://a"
    assert not generic.parse({}, {"title": "Down", "status": {"name": "resolved"}}).alerts[0].is_firing
    assert not generic.parse({}, {"title": "Down", "status": " OK\n"}).alerts[0].is_firing


@pytest.mark.parametrize("name", ["tags", "host", "priority", "link", "cycle_key", "body", "scope", "type", "alert_id"])
@pytest.mark.parametrize("value", ODD, ids=str)
def test_datadog_needs_a_title_and_nothing_else(name: str, value: Any) -> None:
    assert datadog.parse({}, {"title": "[Triggered] Down", name: value}).alerts[0].is_firing


def test_datadog_tags_in_any_shape() -> None:
    for tags in (["service:checkout", ""], {"service": "checkout"}, ["service:checkout", None], "service:checkout,"):
        assert datadog.parse({}, {"title": "[Triggered] Down", "tags": tags}).labels["service"] == "checkout"


@pytest.mark.parametrize("unsaid", ["$ALERT_CYCLE_KEY", "null", "None"])
def test_datadog_variables_that_say_nothing_make_no_two_alerts_one(unsaid: str) -> None:
    body = {"cycle_key": unsaid, "alert_id": unsaid.replace("CYCLE_KEY", "ID")}
    first, second = (datadog.parse({}, body | {"title": title}) for title in ("[Triggered] One", "[Triggered] Two"))
    assert first.key != second.key


@pytest.mark.parametrize("unsaid", ["$SEVERITY", "null", "5", "odd"])
def test_a_severity_that_says_nothing_hides_none_that_does(unsaid: str) -> None:
    body = {"title": "[Triggered] Down", "severity": unsaid, "priority": "P1"}
    assert severity_of(datadog.parse({}, body)) is Severity.SEV1
    assert severity_of(generic.parse({}, body)) is Severity.SEV1
    assert severity_of(datadog.parse({}, body | {"severity": "P4"})) is Severity.SEV4
    assert not datadog.parse({}, {"title": "[Recovered] Down", "transition": "$ALERT_TRANSITION"}).alerts[0].is_firing


@pytest.mark.parametrize("status", ["Resolved.", "✅ OK", " Recovered\n", "(closed)", "back_up", "not ok"])
def test_what_stands_around_a_word_does_not_change_it(status: str) -> None:
    is_firing = generic.parse({}, {"title": "Down", "status": status}).alerts[0].is_firing
    assert is_firing is (status in ("back_up", "not ok"))


def test_sentry_with_something_odd_in_an_issue() -> None:
    event = {"issue_id": "1", "title": "TypeError", "culprit": {"a": 1}, "level": ["error"], "environment": {}}
    body = {"action": "triggered", "data": {"event": event}}
    assert sentry.parse({"Sentry-Hook-Resource": "event_alert"}, body).title == "TypeError"


@pytest.mark.parametrize(
    "change",
    [
        {"commonLabels": {"shard": 3, "zone": None}},
        {"commonLabels": ["x"]},
        {"commonAnnotations": {"value": 3.5}},
        {"commonAnnotations": 7},
        {"groupKey": 12},
        {"groupKey": {"a": 1}},
        {"externalURL": ["https://a"]},
    ],
    ids=str,
)
def test_alertmanager_s_group_is_not_refused_for_what_its_alerts_have_in_common(change: dict[str, Any]) -> None:
    group = alertmanager.parse({}, payload("alertmanager-0.28") | change)
    assert [alert.is_firing for alert in group.alerts] == [True, False]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "FIRING"},
        {"status": " Firing "},
        {"annotations": None},
        {"generatorURL": {"a": 1}},
        {"fingerprint": 12},
    ],
    ids=str,
)
def test_alertmanager_s_alert_is_read_with_something_odd_in_it(change: dict[str, Any]) -> None:
    body = payload("alertmanager-0.28")
    group = alertmanager.parse({}, body | {"alerts": [body["alerts"][0] | change]})
    assert group.alerts[0].is_firing
    assert not group.left_out


def test_what_a_script_has_not_escaped_is_read() -> None:
    sent = b'{"title": "Disk of db-1", "description": "no space:\n\t/var 100 %\r\n"}'
    group = generic.parse({}, opened("application/json", sent))
    assert group.alerts[0].description == "no space:\n\t/var 100 %\r\n"
    assert generic.parse({}, opened("", b'{"title": "a\0b"}')).title == "ab"


@pytest.mark.parametrize("is_list", [False, True])
def test_datadog_s_service_is_found_behind_very_many_tags(is_list: bool) -> None:
    tags = [*(f"kube_label_{number}:{'x' * 40}" for number in range(300)), "service:redis-prod", "team:SRE Core"]
    group = datadog.parse({}, {"title": "[Triggered] CPU is high", "tags": tags if is_list else ",".join(tags)})
    assert (group.labels["service"], group.labels["team"]) == ("redis-prod", "SRE Core")
    assert len(group.labels) < 210


def _sns(message: str, **said: str) -> dict[str, str]:
    return {"Type": "Notification", "MessageId": "m-1", "TopicArn": "arn:aws:sns:x", "Message": message} | said


def test_amazon_s_sns_carries_what_has_no_title_under_its_subject() -> None:
    event = json.dumps({"Event Source": "db-instance", "Event Message": "Failover started"})
    assert (
        generic.parse({}, unwrapped(_sns(event, Subject="RDS Notification Message"))).title
        == "RDS Notification Message"
    )
    alarm = json.dumps({"AlarmName": "CPU", "NewStateValue": "ALARM"})
    assert generic.parse({}, unwrapped(_sns(alarm, Subject='ALARM: "CPU"'))).title == "CPU"


def test_two_events_under_one_subject_of_amazon_s_sns_are_two() -> None:
    """`RDS Notification Message` is the subject of them all."""
    sent = [
        _sns(json.dumps({"Source ID": name, "Event Message": "Failover started"}), MessageId=name, Subject="RDS")
        for name in ("shop-db", "bank-db")
    ]
    shop, bank = (generic.parse({}, unwrapped(one)) for one in sent)
    assert shop.key != bank.key
    assert "shop-db" in shop.alerts[0].description
    states = [_sns(json.dumps({"state": state}), MessageId=state, Subject="Disk") for state in ("alarm", "ok")]
    begun, ended = (generic.parse({}, unwrapped(one)) for one in states)
    assert begun.key == ended.key
    assert not ended.alerts[0].is_firing


def test_amazon_s_sns_carries_what_has_neither_title_nor_subject() -> None:
    event = json.dumps({"detail-type": "GuardDuty Finding", "id": "e-1", "event": {"x": 1}, "title": None})
    group = generic.parse({}, unwrapped(_sns(event)))
    assert (group.title, group.key) == (event, "e-1")


@pytest.mark.parametrize("message", ["{curly} is not JSON", '{"a": 1, "a": 2}', "[1]", "Budget exceeded"])
def test_amazon_s_sns_carries_words_however_they_begin(message: str) -> None:
    assert generic.parse({}, unwrapped(_sns(message, Subject="Look"))).title == "Look"
    group = generic.parse({}, unwrapped(_sns(message)))
    assert (group.title, group.alerts[0].description) == (message, message)


def test_amazon_s_sns_asks_whether_it_may_send() -> None:
    asks = "You have chosen to subscribe to the topic arn:aws:sns:x."
    body = _sns(asks, Type="SubscriptionConfirmation", SubscribeURL="https://sns.example/?Token=1")
    group = generic.parse({}, in_words(body))
    assert (group.title, group.alerts[0].url, severity_of(group)) == (
        asks,
        "https://sns.example/?Token=1",
        Severity.SEV4,
    )
    assert in_words(_sns('{"json": 1}')) is None
    gone = generic.parse({}, in_words(body | {"Type": "UnsubscribeConfirmation", "Message": "No longer"}))
    assert (gone.title, gone.alerts[0].url) == ("No longer", group.alerts[0].url)
    assert gone.key != group.key
