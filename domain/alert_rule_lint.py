"""Good practice for rules for alerts: none that loses what it was not meant for, none that is never asked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.alert_rules import AlertRule, glob
from domain.incidents import Severity
from domain.lint import WHOLE, Finding, Level, Where

LONG_HOLD = 15
"""Minutes: most alerts that go by themselves have gone by then, and nobody knows of the others yet."""


def lint_alert_rules(rules: Sequence[AlertRule]) -> Iterator[tuple[AlertRule, Finding]]:
    """What each rule of a list, asked in its order, lacks."""
    for place, rule in enumerate(rules):
        if rule.is_active:
            yield from ((rule, finding) for finding in _one(rule))
            earlier = next((one for one in rules[:place] if one.is_active and _covers(one, rule)), None)
            if earlier:
                message = f"{earlier.name} fits all that this fits, and is asked first"
                fix = "put it before the other, or make the other narrower"
                yield rule, Finding("rule-is-reached", Level.WARNING, Where(field="match"), message, fix)


def _one(rule: AlertRule) -> Iterator[Finding]:
    is_wide = all("*" in patterns for _, patterns in rule.match)
    if rule.drop and is_wide:
        message, fix = "drops every alert", "say which: source, a label, the token that it comes with"
        yield Finding("drop-is-narrow", Level.ERROR, Where(field="match"), message, fix)
    if rule.hold_minutes > LONG_HOLD:
        message = f"holds alerts back for {rule.hold_minutes} minutes, in which nobody knows of them"
        yield Finding("hold-is-short", Level.WARNING, Where(field="hold"), message, f"hold at most {LONG_HOLD} minutes")
    if rule.hold_minutes and rule.severity is Severity.SEV1:
        message, fix = "holds a SEV1 back", "page at once, or set a lower severity"
        yield Finding("hold-fits-severity", Level.ERROR, Where(field="hold"), message, fix)
    if rule.hold_minutes and is_wide:
        message, fix = "holds every alert back", "say which of them often go by themselves"
        yield Finding("hold-is-narrow", Level.WARNING, WHOLE, message, fix)


def _covers(earlier: AlertRule, later: AlertRule) -> bool:
    """Whether every alert that `later` fits is one that `earlier` fits."""
    theirs = dict(later.match)
    return all(
        name in theirs and all(any(glob(wide, narrow) for wide in patterns) for narrow in theirs[name])
        for name, patterns in earlier.match
    )
