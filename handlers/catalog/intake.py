"""Rules for alerts and mappings of tools: from fields to drafts, looked up, and written out again. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from domain.alert_mappings import DEEPEST, FIELDS, USUAL, AlertMapping, steps
from domain.alert_rules import LONGEST_HOLD, SOURCE, TOKEN, AlertRule
from domain.directory import Directory
from domain.heartbeats import LONGEST, USUAL_GRACE, Heartbeat
from domain.incidents import Severity
from handlers.catalog.drafts import AlertMappingDraft, AlertRuleDraft, Drafts, HeartbeatDraft, severity
from handlers.catalog.names import Names
from handlers.catalog.source import Fields

_MOST_PATHS = 10
_NAME_IN_ADDRESS = re.compile(r"[\w.-]{1,100}")


def read(document: Fields, drafts: Drafts) -> None:
    """The rules and mappings that a document has."""
    drafts.alert_rules += [_rule(fields) for fields in document.mappings("alert_rules")]
    drafts.alert_mappings += [_mapping(fields) for fields in document.mappings("alert_mappings")]
    drafts.heartbeats += [_heartbeat(fields) for fields in document.mappings("heartbeats")]


def _rule(fields: Fields) -> AlertRuleDraft:
    rule = AlertRule(
        name=fields.text("name", required=True, limit=100),
        match=_match(fields),
        service=fields.text("service", limit=100),
        team=fields.text("team", limit=100),
        severity=severity(fields),
        drop=fields.flag("drop", default=False),
        hold_minutes=fields.minutes("hold", "hold_minutes", most=LONGEST_HOLD),
        is_active=fields.flag("active", "is_active", default=True),
    )
    if rule.drop and rule.changes:
        fields.fault("drop", "is said beside something else: what is dropped has no service, team, severity or hold")
    fields.close()
    return AlertRuleDraft(fields=fields, rule=rule)


def _match(fields: Fields) -> tuple[tuple[str, tuple[str, ...]], ...]:
    wanted = fields.mapping("match")
    if wanted is None:
        if not fields.text("match"):
            fields.fault("match", "is missing: say which alerts, such as match: {source: datadog, env: dev*}")
        return ()
    found = tuple((_asked(name), tuple(wanted.texts(name, limit=200))) for name in wanted.names())
    for name, patterns in found:
        if not patterns:
            wanted.fault(name, "must be a text or a list of texts; * stands for anything")
    wanted.close()
    return found


def _asked(name: str) -> str:
    """What a rule looks at: a label as it is written, or what Vigie knows itself, in any case as all keys are."""
    return name.lower() if name.lower() in (SOURCE, TOKEN) else name


def _mapping(fields: Fields) -> AlertMappingDraft:
    name = fields.text("name", required=True, limit=100)
    found: dict[str, Any] = {one: tuple(fields.texts(one, limit=200)) for one in FIELDS}
    for one, paths in found.items():
        if len(paths) > _MOST_PATHS or any(len(steps(path)) > DEEPEST for path in paths):
            fields.fault(one, f"must be at most {_MOST_PATHS} paths of {DEEPEST} steps, such as event.title")
    if not found["title"]:
        fields.fault("title", "is missing: say where the alert's title is, such as event.title")
    words = tuple(word.lower() for word in fields.texts("resolved", limit=50))
    fields.close()
    return AlertMappingDraft(fields=fields, mapping=AlertMapping(name=name, **found, resolved=words or USUAL.resolved))


def _heartbeat(fields: Fields) -> HeartbeatDraft:
    name = fields.text("name", required=True, limit=100)
    if not _NAME_IN_ADDRESS.fullmatch(name or "x"):
        fields.fault("name", "is part of an address: letters, digits, and . _ - only, such as backup-nightly")
    found = Heartbeat(
        name=name,
        service=fields.text("service", limit=100),
        severity=severity(fields) or Severity.SEV2,
        every_minutes=fields.minutes("every", "every_minutes", most=LONGEST),
        grace_minutes=fields.minutes("grace", "grace_minutes", default=USUAL_GRACE, most=LONGEST),
        is_active=fields.flag("active", "is_active", default=True),
    )
    if not found.every_minutes:
        fields.fault("every", "says how often it is heard, from 1 minute to 7 days, such as 5m")
    fields.close()
    return HeartbeatDraft(fields=fields, heartbeat=found)


def rules(
    drafts: Drafts, services: Names, teams: Names, before: Directory, new_id: Callable[[], str]
) -> list[AlertRule]:
    """The rules that the files say, asked in their order and before those that they do not name; of these, the ones
    whose place that changes."""
    known = {rule.name.casefold(): rule for rule in before.alert_rules}
    made = []
    for place, draft in enumerate(drafts.alert_rules, 1):
        services.one(draft.rule.service, "service", draft.fields)
        teams.one(draft.rule.team, "team", draft.fields)
        same = known.pop(draft.rule.name.casefold(), None)
        made.append(replace(draft.rule, id=same.id if same else new_id(), position=place))
    if not made:
        return []
    moved = [(rule, replace(rule, position=place)) for place, rule in enumerate(known.values(), len(made) + 1)]
    return [*made, *(now for rule, now in moved if now != rule)]


def mappings(drafts: Drafts, before: Directory, new_id: Callable[[], str]) -> list[AlertMapping]:
    """The mappings that the files say."""
    known = [before.mapping_by_name(draft.mapping.name) for draft in drafts.alert_mappings]
    both = zip(drafts.alert_mappings, known, strict=True)
    return [replace(draft.mapping, id=same.id if same else new_id()) for draft, same in both]


def heartbeats(drafts: Drafts, services: Names, before: Directory, new_id: Callable[[], str]) -> list[Heartbeat]:
    """The sources that the files say."""
    made = []
    for draft in drafts.heartbeats:
        same = before.heartbeat_by_name(draft.heartbeat.name)
        service = services.one(draft.heartbeat.service, "service", draft.fields)
        made.append(replace(draft.heartbeat, id=same.id if same else new_id(), service=service))
    return made


def dumped_heartbeat(one: Heartbeat, directory: Directory) -> dict[str, Any]:
    """A source as it is written."""
    said: dict[str, Any] = {"name": one.name, "service": directory.service_name(one.service)}
    said |= {"severity": one.severity.value, "every": f"{one.every_minutes} minutes"}
    said["grace"] = "" if one.grace_minutes == USUAL_GRACE else f"{one.grace_minutes} minutes"
    said |= {} if one.is_active else {"active": False}
    return {name: value for name, value in said.items() if value != ""}


def dumped_rule(one: AlertRule) -> dict[str, Any]:
    """A rule as it is written."""
    match = {name: patterns[0] if len(patterns) == 1 else list(patterns) for name, patterns in one.match}
    said: dict[str, Any] = {"name": one.name, "match": match, "service": one.service, "team": one.team}
    said["severity"] = one.severity.value if one.severity else ""
    said |= {"drop": True} if one.drop else {}
    said["hold"] = f"{one.hold_minutes} minutes" if one.hold_minutes else ""
    said |= {} if one.is_active else {"active": False}
    return {name: value for name, value in said.items() if value != ""}


def dumped_mapping(one: AlertMapping) -> dict[str, Any]:
    """A mapping as it is written."""
    paths = ((name, getattr(one, name)) for name in FIELDS)
    said = {name: value[0] if len(value) == 1 else list(value) for name, value in paths if value}
    words = {} if one.resolved == USUAL.resolved else {"resolved": list(one.resolved)}
    return {"name": one.name, **said, **words}


def dumped(directory: Directory) -> dict[str, Any]:
    """Everything of a catalog that intake asks."""
    named: Iterable[AlertMapping] = sorted(directory.alert_mappings.values(), key=lambda one: one.name.casefold())
    said = {
        "alert_rules": [dumped_rule(one) for one in directory.alert_rules],
        "alert_mappings": [dumped_mapping(one) for one in named],
        "heartbeats": [dumped_heartbeat(one, directory) for one in directory.heartbeats.values()],
    }
    return {name: value for name, value in said.items() if value}
