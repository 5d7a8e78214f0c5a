"""Runbooks and policies that nothing was ever done by may go; what an incident was paged or worked by is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, or_, select

from domain.incidents import OPEN
from domain.policies import Policy
from domain.runbooks import Runbook
from storage.catalog import table
from storage.incident_tables import EscalationRow, IncidentRow
from storage.policy_tables import PolicyRow, PolicyVersionRow
from storage.run_tables import RunRow
from storage.runbook_tables import RunbookRow, RunbookVersionRow
from storage.store import Transaction

_POLICIES, _POLICY_VERSIONS = table(PolicyRow), table(PolicyVersionRow)
_RUNBOOKS, _RUNBOOK_VERSIONS = table(RunbookRow), table(RunbookVersionRow)
_INCIDENTS, _CLIMBS, _RUNS = table(IncidentRow), table(EscalationRow), table(RunRow)


def is_policy_used(tx: Transaction, policy: str, since: datetime | None = None) -> bool:
    """Whether any incident, open or over, was paged by a version of it. With `since`, only those are looked at that
    are open or have begun from then on: they are few, and found by an index."""
    versions = select(_POLICY_VERSIONS.c.id).where(_POLICY_VERSIONS.c.policy == policy)
    by_incident = exists().where(_INCIDENTS.c.policy_version.in_(versions), *_late(_INCIDENTS.c.id, since))
    by_climb = exists().where(_CLIMBS.c.policy_version.in_(versions), *_late(_CLIMBS.c.incident, since))
    return bool(tx.execute(select(by_incident | by_climb)).scalar())


def is_runbook_used(tx: Transaction, runbook: str, since: datetime | None = None) -> bool:
    """The same of a runbook: whether any incident was worked by a version of it."""
    versions = select(_RUNBOOK_VERSIONS.c.id).where(_RUNBOOK_VERSIONS.c.runbook == runbook)
    used = exists().where(_RUNS.c.runbook_version.in_(versions), *_late(_RUNS.c.incident, since))
    return bool(tx.execute(select(used)).scalar())


def _late(incident: ColumnElement[str], since: datetime | None) -> list[ColumnElement[bool]]:
    if since is None:
        return []
    is_late = or_(_INCIDENTS.c.status.in_(OPEN), _INCIDENTS.c.created_at >= since)
    return [incident.in_(select(_INCIDENTS.c.id).where(is_late))]


def drop_policy(tx: Transaction, policy: Policy) -> None:
    """Without it, and what it said."""
    tx.execute(delete(_POLICY_VERSIONS).where(_POLICY_VERSIONS.c.policy == policy.id))
    tx.execute(delete(_POLICIES).where(_POLICIES.c.id == policy.id))


def drop_runbook(tx: Transaction, runbook: Runbook) -> None:
    """Without it, and what it said."""
    tx.execute(delete(_RUNBOOK_VERSIONS).where(_RUNBOOK_VERSIONS.c.runbook == runbook.id))
    tx.execute(delete(_RUNBOOKS).where(_RUNBOOKS.c.id == runbook.id))
