"""Rules for alerts and mappings of tools, between rows and domain values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from domain.alert_mappings import AlertMapping
from domain.alert_rules import AlertRule
from domain.incidents import Severity
from storage.intake_tables import AlertMappingRow, AlertRuleRow
from storage.legible import Legible

_RULES = SQLModel.metadata.tables[str(AlertRuleRow.__tablename__)]
_MAPPINGS = SQLModel.metadata.tables[str(AlertMappingRow.__tablename__)]


def rules(legible: Legible) -> tuple[AlertRule, ...]:
    """Every rule, in the order in which they are asked."""
    query = select(_RULES).order_by(_RULES.c.position, _RULES.c.name)
    return tuple(legible.each("alert rule", query, _RULES.c.name, _rule))


def mappings(legible: Legible) -> dict[str, AlertMapping]:
    """Every mapping, by id."""
    return {one.id: one for one in legible.each("alert mapping", select(_MAPPINGS), _MAPPINGS.c.name, _mapping)}


def rule_values(one: AlertRule) -> dict[str, Any]:
    content = asdict(one)
    return {name: content.pop(name) for name in ("id", "name", "position")} | {"content": content}


def rule(said: dict[str, Any]) -> AlertRule:
    """A rule from what JSON keeps of one."""
    match = tuple((name, tuple(patterns)) for name, patterns in said["match"])
    severity = Severity(said["severity"]) if said["severity"] else None
    return AlertRule(**said | {"match": match, "severity": severity})


def _rule(row: Any) -> AlertRule:
    return rule(row.content | {"id": row.id, "name": row.name, "position": row.position})


def mapping_values(one: AlertMapping) -> dict[str, Any]:
    content = asdict(one)
    return {name: content.pop(name) for name in ("id", "name")} | {"content": content}


def _mapping(row: Any) -> AlertMapping:
    return AlertMapping(id=row.id, name=row.name, **{name: tuple(value) for name, value in row.content.items()})
