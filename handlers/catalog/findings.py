"""What good practice says of a thing of the catalog, whatever it is, in the catalog that it is kept in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.alert_rule_lint import lint_alert_rules
from domain.directory import Directory
from domain.lint import Finding, ordered
from domain.organisation_lint import lint_person, lint_service, lint_team
from domain.policy_lint import lint_policy
from domain.reach import Reach
from domain.runbook_lint import lint_runbook
from handlers.catalog.fields import PEOPLE, POLICIES, RUNBOOKS, SERVICES, TEAMS, Kind
from handlers.catalog.intake_kinds import ALERT_RULES


def findings(kind: Kind, value: Any, directory: Directory, reach: Reach, now: datetime) -> tuple[Finding, ...]:
    """Gravest first."""
    if kind is RUNBOOKS:
        return lint_runbook(value)
    if kind is POLICIES:
        return lint_policy(value, directory, reach)
    if kind is PEOPLE:
        return lint_person(value, directory, reach)
    if kind is TEAMS:
        return lint_team(value, directory, reach, now)
    if kind is SERVICES:
        return lint_service(value, directory)
    if kind is ALERT_RULES:
        return ordered(finding for rule, finding in lint_alert_rules(directory.alert_rules) if rule.id == value.id)
    return ()
