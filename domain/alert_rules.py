"""Rules of the house for alerts: the first that fits an alert says what becomes of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.accents import composed
from domain.alerts import Alert, AlertGroup
from domain.incidents import Severity

SOURCE, TOKEN = "source", "token"
"""What a rule may match beside labels: the tool, and the name of the token that it sends with."""
LONGEST_HOLD = 60
"""Minutes. Longer than this, nobody remembers that an alert waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """`match` names what must be so: each label with the patterns of which one must fit. A pattern is the value in any
    case, * standing for anything; whatever it says, matching takes a time in proportion to the value.

    Without an effect, a rule lets what fits it pass as it is. `service` and `team` are names.
    """

    id: str = ""
    name: str
    position: int = 0
    match: tuple[tuple[str, tuple[str, ...]], ...] = ()
    service: str = ""
    team: str = ""
    severity: Severity | None = None
    drop: bool = False
    hold_minutes: int = 0
    is_active: bool = True

    @property
    def changes(self) -> bool:
        return bool(self.service or self.team or self.severity or self.hold_minutes)

    def fits(self, said: Mapping[str, str]) -> bool:
        """Whether an alert that says this (labels, source, token, each folded) is one that the rule is about."""
        return all(any(_fits(pattern, said.get(name, "")) for pattern in patterns) for name, patterns in self.match)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A group after the rules: without what was dropped, its labels as they are set. `applied` are the rules that
    changed something; `hold_minutes` is how long all that fires may wait, 0 when something in it may not."""

    group: AlertGroup
    applied: tuple[AlertRule, ...] = ()
    dropped: tuple[tuple[str, int], ...] = ()
    """How many alerts each rule, by name, dropped."""
    hold_minutes: int = 0
    held_by: str = ""


def glob(pattern: str, value: str) -> bool:
    """Whether `value` is what `pattern` says, however accents are written in either, * standing for anything but
    nothing at all: a label that is not there fits no star. Each piece is looked for once, from left to right, so that
    no pattern takes long."""
    return _fits(pattern, _folded(value))


def _fits(pattern: str, said: str) -> bool:
    if not said:
        return not pattern
    pieces = _folded(pattern).split("*")
    if len(pieces) == 1:
        return pieces[0] == said
    first, *between, last = pieces
    if not said.startswith(first) or not said.endswith(last) or len(said) < len(first) + len(last):
        return False
    place, end = len(first), len(said) - len(last)
    for piece in between:
        found = said.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def _folded(written: str) -> str:
    return composed(written).casefold()


def apply(rules: Sequence[AlertRule], group: AlertGroup) -> Ruled:
    """What the rules make of `group`. An alert's end is never dropped: what it ends may be older than the rule."""
    asked = {name for rule in rules for name, _ in rule.match}
    found = [(alert, _first(rules, asked, group, alert)) for alert in group.alerts]
    kept = [(alert, rule) for alert, rule in found if not (rule and rule.drop and alert.is_firing)]
    dropped = [rule.name for alert, rule in found if rule and rule.drop and alert.is_firing]
    firing = [rule for alert, rule in kept if alert.is_firing]
    applied = tuple(dict.fromkeys(rule for rule in firing if rule and rule.changes))
    holding = [rule for rule in firing if rule and rule.hold_minutes]
    is_held = bool(firing) and len(holding) == len(firing)
    shortest = min(holding, key=lambda rule: rule.hold_minutes) if is_held else None
    set_here = {name for rule in applied for name in _labels(rule)}
    common = {name: value for name, value in group.labels.items() if name not in set_here}
    alerts = tuple(_changed(alert, rule) for alert, rule in kept)
    return Ruled(
        group=replace(group, alerts=alerts, labels=common),
        applied=applied,
        dropped=tuple((name, dropped.count(name)) for name in dict.fromkeys(dropped)),
        hold_minutes=shortest.hold_minutes if shortest else 0,
        held_by=shortest.name if shortest else "",
    )


def let_go(rules: Sequence[AlertRule], held: Ruled) -> Ruled:
    """`held` once it waits no longer, without what the rules of now drop. They are asked of what its source said: where
    a rule has changed that, it goes as it was held."""
    if any(_labels(rule) for rule in held.applied):
        return held
    now = apply(rules, held.group)
    kept = {alert.key for alert in now.group.alerts}
    alerts = tuple(alert for alert in held.group.alerts if alert.key in kept)
    return replace(held, group=replace(held.group, alerts=alerts), dropped=(*held.dropped, *now.dropped))


def _first(rules: Sequence[AlertRule], asked: Collection[str], group: AlertGroup, alert: Alert) -> AlertRule | None:
    every = {**group.labels, **alert.labels, SOURCE: alert.source, TOKEN: group.origin}
    # Once, however many rules there are: what a label says may be long.
    said = {name: _folded(value) for name, value in every.items() if name in asked}
    return next((rule for rule in rules if rule.is_active and rule.fits(said)), None)


def _labels(rule: AlertRule) -> dict[str, str]:
    said = {"service": rule.service, "team": rule.team, "severity": rule.severity.value if rule.severity else ""}
    return {name: value for name, value in said.items() if value}


def _changed(alert: Alert, rule: AlertRule | None) -> Alert:
    return replace(alert, labels={**alert.labels, **_labels(rule)}) if rule and rule.changes else alert


def team_of(ruled: Ruled, service: str) -> str:
    """The team that a rule sets for the first alert that says no other service than this, whatever its own is."""
    about = [alert for alert in ruled.group.alerts if alert.labels.get("service", service) == service]
    teams = {rule.team for rule in ruled.applied if rule.team}
    return next((alert.labels["team"] for alert in about if alert.labels.get("team") in teams), "")


def merged(held: AlertGroup, newer: AlertGroup) -> AlertGroup:
    """A group that waits, with what came since: alerts that ended are gone from it, whatever start they had before."""
    ends = {alert.name: alert for alert in newer.alerts if not alert.is_firing}
    alerts = {one.key: one for one in held.alerts if one.name not in ends or not ends[one.name].ends(one.started)}
    for alert in newer.alerts:
        if alert.is_firing:
            alerts[alert.key] = alert
        else:
            alerts.pop(alert.key, None)
    return replace(held, alerts=tuple(alerts.values()))
