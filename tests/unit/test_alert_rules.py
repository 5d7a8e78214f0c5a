"""Rules for alerts: which fits, what it makes of a group, and what good practice says of it."""

from __future__ import annotations

import fnmatch
import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import Anchor, SystemClock
from domain.alert_rule_lint import lint_alert_rules
from domain.alert_rules import AlertRule, Ruled, apply, glob, merged, team_of
from domain.alerts import Alert, AlertGroup, severity_of
from domain.directory import Directory
from domain.incidents import Severity
from domain.people import Service
from handlers.alerts.drafting import draft_of


def alert(fingerprint: str = "f", *, firing: bool = True, **labels: str) -> Alert:
    return Alert(source="datadog", fingerprint=fingerprint, is_firing=firing, title=fingerprint, labels=labels)


def group(*alerts: Alert, **common: str) -> AlertGroup:
    return AlertGroup(source="datadog", key="k", alerts=alerts, labels=common, origin="shop")


def rule(name: str = "rule", *, drop: bool = False, hold: int = 0, **match: str) -> AlertRule:
    patterns = tuple((label, tuple(said.split("|"))) for label, said in match.items())
    return AlertRule(name=name, match=patterns, drop=drop, hold_minutes=hold)


@given(st.text("ab*", max_size=8), st.text("ab", min_size=1, max_size=8))
def test_a_star_stands_for_anything(pattern: str, value: str) -> None:
    assert glob(pattern, value) == bool(re.fullmatch(fnmatch.translate(pattern), value))


def test_a_pattern_that_would_make_a_regular_expression_go_back_for_ever() -> None:
    assert not glob("*a" * 100 + "b", "a" * 100_000)
    assert glob("PROD-*", "prod-eu-1")
    assert glob("\u00c9tag\u00e8re*", "e\u0301tage\u0300re 2")
    assert not glob("*", "")


class Long(str):
    """What a label says, and how often it was read whole."""

    times = 0

    def isascii(self) -> bool:
        self.times += 1
        return super().isascii()


def test_a_long_label_is_read_once_however_many_rules_there_are() -> None:
    """Others wait meanwhile for what is written."""
    asked, other = Long("é" * 1_000), Long("è" * 1_000)
    rules = [rule(f"rule {number}", env=f"dev{number}*", shop="a|b|c") for number in range(100)]
    apply(rules, group(alert(env=asked, other=other)))
    assert (asked.times, other.times) == (1, 0)


def test_all_labels_must_fit_each_by_one_of_its_patterns() -> None:
    one = rule(env="dev*|test", service="shop")
    assert one.fits({"env": "dev-2", "service": "shop"})
    assert not one.fits({"env": "prod", "service": "shop"})
    assert not one.fits({"env": "dev"})
    assert rule().fits({})


def test_the_first_that_fits_says_what_becomes_of_it() -> None:
    rules = [rule("prod", env="prod"), rule("rest", drop=True, env="*")]
    ruled = apply(rules, group(alert("a", env="prod"), alert("b", env="dev"), alert("c")))
    assert [one.fingerprint for one in ruled.group.alerts] == ["a", "c"]
    assert ruled.dropped == (("rest", 1),)
    assert ruled.applied == ()


def test_source_and_token_are_matched_too() -> None:
    assert apply([rule(drop=True, source="datadog", token="shop")], group(alert())).group.alerts == ()
    assert apply([rule(drop=True, token="other")], group(alert())).dropped == ()


def test_an_end_is_never_dropped() -> None:
    assert len(apply([rule(drop=True)], group(alert(firing=False))).group.alerts) == 1


def test_what_a_rule_sets_counts_before_what_the_source_says() -> None:
    setting = AlertRule(name="s", service="redis-prod", team="SRE", severity=Severity.SEV4)
    ruled = apply([setting], group(alert(severity="critical", service="other"), service="other", severity="critical"))
    assert severity_of(ruled.group) is Severity.SEV4
    assert ruled.group.labels == {}
    assert ruled.group.alerts[0].labels == {"service": "redis-prod", "team": "SRE", "severity": "SEV4_LOW"}
    assert (team_of(ruled, "redis-prod"), ruled.applied) == ("SRE", (setting,))


def test_a_group_waits_when_all_of_it_may() -> None:
    holding = [rule("short", hold=3, env="test"), rule("long", hold=9, env="dev")]
    both = apply(holding, group(alert("a", env="test"), alert("b", env="dev")))
    assert (both.hold_minutes, both.held_by) == (3, "short")
    assert apply(holding, group(alert("a", env="test"), alert("b", env="prod"))).hold_minutes == 0
    assert apply(holding, group(alert("a", env="test"), alert("b", firing=False))).hold_minutes == 3


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=12))
def test_what_waits_is_what_fires_last(sent: list[tuple[str, bool]]) -> None:
    held, firing = group(alert("a")), {"a"}
    for name, is_firing in sent:
        held = merged(held, group(alert(name, firing=is_firing)))
        firing = firing | {name} if is_firing else firing - {name}
    assert {one.fingerprint for one in held.alerts} == firing


def findings(*rules: AlertRule) -> list[tuple[str, str]]:
    return [(one.name, finding.rule) for one, finding in lint_alert_rules(rules)]


def test_good_practice() -> None:
    assert findings(rule("all", drop=True)) == [("all", "drop-is-narrow")]
    assert findings(rule("all", drop=True, env="*")) == [("all", "drop-is-narrow")]
    assert findings(rule("a", drop=True, env="dev*"), rule("b", env="dev-1", service="x")) == [("b", "rule-is-reached")]
    assert findings(rule("a", env="dev", drop=True), rule("b", env="dev*")) == []
    assert findings(rule("long", hold=40, env="dev")) == [("long", "hold-is-short")]
    assert findings(AlertRule(name="w", match=(("e", ("d",)),), hold_minutes=5, severity=Severity.SEV1)) == [
        ("w", "hold-fits-severity")
    ]
    assert findings(AlertRule(name="off", drop=True, is_active=False)) == []


def test_what_begins_in_seven_thousand_years_began_now() -> None:
    """A clock that runs faster has no time for it: an alert with such a start was lost."""
    wall = datetime(2026, 3, 1, 3, tzinfo=UTC)
    clock = SystemClock(60, Anchor(wall, wall))
    directory = Directory(services={"t": Service(id="t", name="triage")})
    alert = Alert(source="generic", fingerprint="f", is_firing=True, started_at=datetime(8999, 1, 1, tzinfo=UTC))
    group = AlertGroup(source="generic", key="f", alerts=(alert,), title="Disk full")
    assert draft_of(Ruled(group=group), directory, clock, wall, wall).detected_at == wall
