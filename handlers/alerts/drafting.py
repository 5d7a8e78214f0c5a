"""From a group of alerts to the incident that it opens: what it is called, how bad it is, whose it is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import datetime

from domain import alert_rules
from domain import alerts as rules
from domain.alert_rules import AlertRule, Ruled
from domain.alerts import Alert, AlertGroup
from domain.clock import Clock
from domain.directory import Directory
from domain.incidents import Incident, Severity
from domain.people import Service
from domain.timeline import Entry, Event
from handlers.incidents.opening import LONGEST_DESCRIPTION, LONGEST_TITLE, Draft, triage

_NAMELESS = "Alert without a name"
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols by Unicode of which nothing is seen."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
"""What is not seen and changes what is: controls, marks that turn the writing round, spaces without a width."""


def draft_of(ruled: Ruled, directory: Directory, clock: Clock, now: datetime, came_at: datetime) -> Draft:
    """What `ruled`, which `came_at` some moment, says of its incident."""
    ruled = replace(ruled, group=_worst_first(ruled.group))
    group, (service, undeclared) = ruled.group, _service(ruled, directory)
    return Draft(
        title=one_line(group.title),
        description=_description(group, undeclared),
        severity=rules.severity_of(group),
        service=service,
        source=group.source,
        by=group.source,
        key=group.key,
        url=next((alert.url for alert in group.alerts if alert.url), group.url),
        detected_at=_detected(group, clock, now),
        received_at=came_at,
    )


def _worst_first(group: AlertGroup) -> AlertGroup:
    """`group` told from what is worst in it: what is called by one of its alerts alone is called by that one."""
    if len(group.alerts) == 1:
        return group
    alerts = tuple(sorted(group.alerts, key=lambda one: (not one.is_firing, rules.severity_said(one))))
    called = {alert.title for alert in alerts}
    return replace(group, alerts=alerts, title=(alerts[0].title if group.title in called else "") or group.title)


def retold(incident: Incident, alert: Alert) -> Incident:
    """`incident` once `alert` makes it worse: whoever is paged now is told of that first. What a person has declared
    keeps the words that it has."""
    title = one_line(alert.title)[:LONGEST_TITLE]
    if incident.received_at is None or title == _NAMELESS:
        return incident
    told = incident.description
    for text in (incident.title, alert.description.replace("\0", "")):
        if text != title and text not in told:
            told = f"{text}\n{told}".rstrip()
    return replace(incident, title=title, description=told[:LONGEST_DESCRIPTION], url=alert.url or incident.url)


def rule_entry(incident: str, rule: AlertRule, ruled: Ruled, held_since: datetime | None, now: datetime) -> Entry:
    """What a rule changed, for the record."""
    details: dict[str, str | int] = {"rule": rule.name}
    details |= {"severity": rule.severity.value} if rule.severity else {}
    details |= {"service": rule.service} if rule.service else {}
    details |= {"team": rule.team} if rule.team else {}
    if held_since and rule.hold_minutes:
        details["held_minutes"] = rule.hold_minutes
    return Entry(incident=incident, at=now, event=Event.RULE_APPLIED, by=ruled.group.source, details=details)


def _detected(group: AlertGroup, clock: Clock, now: datetime) -> datetime:
    firing = [alert.started_at for alert in group.alerts if alert.is_firing and alert.started_at]
    # What is to begin yet began now: far ahead, a clock that runs faster has no time for it.
    return clock.from_wall(min(*firing, clock.to_wall(now))) if firing else now


def _service(ruled: Ruled, directory: Directory) -> tuple[Service, str]:
    """The service that what is worst names; the triage service, and the name, when nobody declared it. The team that a
    rule sets for what is about it has it in any case."""
    name = rules.label_of(ruled.group, "service")
    set_by_rule = alert_rules.team_of(ruled, name)
    team = directory.team_by_name(set_by_rule or rules.label_of(ruled.group, "team"))
    found = directory.service_by_name(name) if name else None
    if found:
        return (replace(found, team=team.id) if team and set_by_rule else found), ""
    return triage(directory, team), name or "(no service label)"


def one_line(text: str) -> str:
    """A title: what is seen of it, in one line."""
    said = " ".join(_CONTROL.sub(" ", text).split())
    return said if any(unicodedata.category(one)[0] in "LNPS" for one in said if one not in _BLANK) else _NAMELESS


def _description(group: AlertGroup, undeclared: str) -> str:
    told = [alert.description or _undescribed(alert) for alert in group.alerts if alert.is_firing]
    parts = [f"Service {undeclared[:200]} is not declared."] if undeclared else []
    if unknown := rules.unknown_severity(group):
        parts.append(f"Severity {unknown[:200]} is not known: taken for {Severity.SEV3.value.partition('_')[0]}.")
    return "\n".join([*parts, *dict.fromkeys(part for part in told if part)])[:LONGEST_DESCRIPTION].replace("\0", "")


def _undescribed(alert: Alert) -> str:
    """An alert of which nobody has written what it means, by the labels that say which it is."""
    labels = [
        (name, said) for name, said in alert.labels.items() if name not in _SAID_ELSEWHERE and said != alert.title
    ]
    which = ", ".join(f"{name}: {said[:200]}" for name, said in labels[:_MOST_SHOWN])
    return f"{alert.title} ({which})" if which else alert.title


_SAID_ELSEWHERE = ("alertname", "service", "severity", "team")
_MOST_SHOWN = 10
