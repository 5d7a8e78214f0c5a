"""Rules and mappings in the catalog: loaded, written out, judged; and what a rule holds back survives its process."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts import Alert, AlertGroup
from domain.errors import Invalid
from domain.reach import EVERYTHING
from handlers.alerts.service import AlertService
from handlers.catalog import dump
from handlers.catalog.judge import judge
from handlers.catalog.service import CatalogService
from storage import alerts, catalog
from storage.store import Store
from tests.world import TESTER, PushedClock

NOW = datetime(2026, 11, 26, tzinfo=UTC)

HOUSE = "teams: [{name: SRE}]\nservices: [{name: redis, team: SRE}]\n"
RULES = textwrap.dedent(
    """
    alert_rules:
      - {name: First, match: {source: datadog, env: [dev*, test]}, drop: true}
      - {name: Second, match: {alertname: "*disk*"}, service: redis, team: SRE, severity: SEV4, hold: 5 minutes}
      - {name: Third, match: {}, active: false}
    alert_mappings:
      - {name: zabbix, title: [event.title, /event/name], key: event.id, status: state, resolved: [OK]}
      - {name: default, title: subject}
    """
)


async def load(store: Store, *texts: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    files = [(f"{number}.yaml", text) for number, text in enumerate(texts)]
    report = await CatalogService(store, PushedClock()).load(files, TESTER)
    return report.added, report.changed


async def names(store: Store) -> list[str]:
    return [rule.name for rule in (await store.read(catalog.directory)).alert_rules]


async def test_loading_twice_changes_nothing_nor_does_loading_what_was_written_out(store: Store) -> None:
    added, _ = await load(store, HOUSE, RULES)
    assert [name for name in added if name.startswith("alert")] == [
        "alert rule First",
        "alert rule Second",
        "alert rule Third",
        "alert mapping zabbix",
        "alert mapping default",
    ]
    assert await load(store, HOUSE, RULES) == ((), ())
    written = dump.files(await store.read(catalog.directory), PushedClock().now())
    assert await load(store, *written.values()) == ((), ())
    assert await names(store) == ["First", "Second", "Third"]


async def test_what_vigie_knows_itself_is_asked_in_any_case_and_a_label_as_it_is_written(store: Store) -> None:
    await load(store, "alert_rules: [{name: x, match: {Source: datadog, TOKEN: shop, Env: test}}]")
    [rule] = (await store.read(catalog.directory)).alert_rules
    assert [name for name, _ in rule.match] == ["source", "token", "Env"]


async def test_the_order_is_the_files(store: Store) -> None:
    await load(store, "alert_rules: [{name: a, match: {x: y}}, {name: b, match: {x: y}}, {name: c, match: {x: y}}]")
    added, changed = await load(store, "alert_rules: [{name: c, match: {x: y}}, {name: new, match: {x: y}}]")
    assert (added, changed) == (("alert rule new",), ("alert rule c", "alert rule a", "alert rule b"))
    assert await names(store) == ["c", "new", "a", "b"]
    assert await load(store, HOUSE) != ((), ())
    assert await names(store) == ["c", "new", "a", "b"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{match: {a: b}}", "alert_rules[1].name: is missing"),
        ("{name: x}", "alert_rules[1].match: is missing"),
        ("{name: x, match: , drop: true}", "alert_rules[1].match: is missing"),
        ("{name: x, match: {a: []}}", "alert_rules[1].match.a: must be a text"),
        ("{name: x, match: {a: {b: c}}}", "alert_rules[1].match.a: must be a list of texts"),
        (
            "{name: x, match: {a: b}, service: redus}",
            "alert_rules[1].service: there is no service redus; did you mean redis",
        ),
        ("{name: x, match: {a: b}, team: nobody}", "alert_rules[1].team: there is no team nobody"),
        ("{name: x, match: {a: b}, severity: bad}", "alert_rules[1].severity: must be one of"),
        ("{name: x, match: {a: b}, drop: true, hold: 5}", "alert_rules[1].drop: is said beside something else"),
        ("{name: x, match: {a: b}, hold: 2 hours}", "alert_rules[1].hold: must be a length from 0 to 60 minutes"),
        (
            "{name: x, match: {a: b}, sevrity: SEV1}",
            "alert_rules[1].sevrity: is not known here; did you mean severity?",
        ),
        ("{name: x, match: {a: b}}, {name: X, match: {a: b}}", "alert_rules[2].name: there is another alert rule X"),
    ],
)
async def test_faults_are_named_and_nothing_is_changed(store: Store, text: str, fault: str) -> None:
    with pytest.raises(Invalid) as refused:
        await load(store, HOUSE, f"alert_rules: [{text}]")
    assert fault in str(refused.value)
    assert await names(store) == []


def test_lint_says_what_good_practice_finds() -> None:
    text = "alert_rules:\n  - {name: All, match: {}, drop: true}\n  - {name: Late, match: {a: b}, hold: 30 minutes}\n"
    judgement = judge([("a.yaml", text)], EVERYTHING, NOW)
    found = [(one.line, one.subject, one.finding.rule) for one in judgement.judged]
    assert found == [
        (2, "alert rule All", "drop-is-narrow"),
        (3, "alert rule Late", "hold-is-short"),
        (3, "alert rule Late", "rule-is-reached"),
    ]
    assert judge([("a.yaml", RULES)], EVERYTHING, NOW).faults == ()


async def test_what_is_held_back_survives_the_process(store: Store) -> None:
    clock = PushedClock()
    await CatalogService(store, clock).load([("r.yaml", HOUSE + RULES)], TESTER)
    one = Alert(source="datadog", fingerprint="f", is_firing=True, title="The disk", labels={"alertname": "a disk"})
    group = AlertGroup(source="datadog", key="k", alerts=(one,), title="The disk", labels={"env": "prod"})
    first = AlertService(store, clock, lambda: None)
    assert (await first.receive(group)).outcomes == {"held": 1}
    waiting = await store.read(alerts.next_wake)
    assert waiting is not None
    assert timedelta(minutes=4.9) < waiting - clock.now() <= timedelta(minutes=5)
    second = AlertService(store, clock, lambda: None)
    await second.fire()
    assert await store.read(alerts.next_wake) == waiting
    clock.push(timedelta(minutes=5))
    await second.fire()
    assert await store.read(alerts.next_wake) is None
    again = await second.receive(group)
    assert (again.opened, again.outcomes) == (False, {"repeated": 1})
    assert again.short_id.startswith("INC-")


class AnHourAMinute(PushedClock):
    """A drill's clock."""

    def span(self, seconds: float) -> timedelta:
        return timedelta(seconds=60 * seconds)


async def test_a_twin_s_copies_come_in_the_world_s_time_however_fast_ours_goes(store: Store) -> None:
    clock = AnHourAMinute()
    one = Alert(source="alertmanager", fingerprint="f", started="2026-11-26T03:00:00Z", is_firing=True, title="Down")
    begins = AlertGroup(source="alertmanager", key="k", alerts=(one,), title="Down")
    ends = replace(begins, alerts=(replace(one, is_firing=False),))
    service = AlertService(store, clock, lambda: None)
    assert [(await service.receive(said)).opened for said in (begins, ends)] == [True, False]
    clock.push(timedelta(minutes=30))
    assert (await service.receive(begins)).outcomes == {"held": 1}
    clock.push(timedelta(minutes=30))
    await service.fire()
    assert (await service.receive(begins)).short_id.startswith("INC-")
