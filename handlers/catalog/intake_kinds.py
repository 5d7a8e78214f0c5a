"""What stands between tools and incidents, as the API has it: rules for alerts, mappings, sources that say that they
live. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.alert_mappings import FIELDS, AlertMapping
from domain.alert_rules import AlertRule
from domain.directory import Directory
from domain.heartbeats import Heartbeat
from domain.people import Permission
from handlers.catalog import intake_schema as schema
from handlers.catalog.fields import KINDS, READ_ONLY, Given, Kind


def _rule(one: AlertRule, _: Directory) -> schema.AlertRule:
    return {
        "id": one.id,
        "position": one.position,
        "name": one.name,
        "match": {name: list(patterns) for name, patterns in one.match},
        "service": one.service or None,
        "team": one.team or None,
        "severity": one.severity,
        "drop": one.drop,
        "hold_minutes": one.hold_minutes,
        "is_active": one.is_active,
    }


def _mapping(one: AlertMapping, _: Directory) -> dict[str, Any]:
    paths = {name: list(getattr(one, name)) for name in FIELDS}
    return {"id": one.id, "name": one.name, **paths, "resolved": list(one.resolved)}


def _heartbeat(one: Heartbeat, directory: Directory) -> schema.HeartbeatSet:
    return {
        "id": one.id,
        "name": one.name,
        "service": directory.service_name(one.service),
        "severity": one.severity,
        "every_minutes": one.every_minutes,
        "grace_minutes": one.grace_minutes,
        "is_active": one.is_active,
    }


def _placed(rule: AlertRule, given: Given, directory: Directory) -> AlertRule:
    """Where it is asked: as is said, else where it is, else last."""
    known = next((one.position for one in directory.alert_rules if one.id == rule.id), None)
    last = len(directory.alert_rules) + (known is None)
    return replace(rule, position=min(given.get("position") or known or last, last))


ALERT_RULES = Kind(
    "alert rule",
    "alert_rules",
    "name",
    Permission.POLICIES,
    "admin",
    lambda directory: {rule.id: rule for rule in directory.alert_rules},
    lambda catalog: catalog.alert_rules,
    _rule,
    schema.RULE_LISTING,
    schema.AlertRuleGiven,
    (*READ_ONLY, "position"),
    _placed,
)
ALERT_MAPPINGS = Kind(
    "alert mapping",
    "alert_mappings",
    "name",
    Permission.POLICIES,
    "admin",
    lambda directory: directory.alert_mappings,
    lambda catalog: catalog.alert_mappings,
    _mapping,
    schema.MAPPING_LISTING,
    schema.AlertMappingGiven,
)
HEARTBEATS = Kind(
    "heartbeat",
    "heartbeats",
    "name",
    Permission.POLICIES,
    "admin",
    lambda directory: directory.heartbeats,
    lambda catalog: catalog.heartbeats,
    _heartbeat,
    schema.HEARTBEAT_LISTING,
    schema.HeartbeatGiven,
    (*READ_ONLY, "heard_at", "silent_at", "is_silent"),
)
LISTED = (*KINDS, ALERT_RULES, ALERT_MAPPINGS)
"""Those that are read as they are set; a heartbeat is read with what was heard of it."""


def reordered(rules: tuple[AlertRule, ...], rule: AlertRule | None, without: str = "") -> list[AlertRule]:
    """Those of `rules` that change when `rule` stands at its position, or when the one with the id `without` goes:
    positions are counted from 1, without a hole."""
    others = [one for one in rules if one.id not in (without, rule.id if rule else "")]
    if rule is not None:
        others.insert(rule.position - 1, rule)
    placed = [replace(one, position=place) for place, one in enumerate(others, 1)]
    return [one for one in placed if one not in rules]
