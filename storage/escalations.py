"""Climbs: when each is to be looked at, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from domain.escalations import Escalation
from domain.incidents import OPEN
from storage import rows
from storage.bulk import insert_many, update_many
from storage.catalog import table
from storage.glances import Glance
from storage.incident_tables import EscalationRow, IncidentRow
from storage.prepared import among, prepared
from storage.store import Transaction

_ESCALATIONS = table(EscalationRow)
_INCIDENTS = table(IncidentRow)


def add(tx: Transaction, escalations: Sequence[Escalation]) -> None:
    """Keep new climbs."""
    insert_many(tx, _ESCALATIONS, [rows.escalation_values(escalation) for escalation in escalations])


def save(tx: Transaction, escalations: Sequence[Escalation]) -> None:
    """Keep climbs as they are now."""
    update_many(tx, _ESCALATIONS, "incident", [rows.escalation_values(escalation) for escalation in escalations])


def put(tx: Transaction, escalation: Escalation) -> None:
    """Keep a climb, whether its incident had one or not."""
    if tx.execute(_HAS, {"of": escalation.incident}).first() is None:
        add(tx, [escalation])
    else:
        save(tx, [escalation])


_HAS = prepared(select(_ESCALATIONS.c.incident).where(_ESCALATIONS.c.incident == bindparam("of")))


def due(tx: Transaction, now: datetime, limit: int) -> list[str]:
    """The incidents whose climb's time has come, longest due first."""
    return [row.incident for row in tx.execute(_DUE, {"by_now": now, "at_most": limit})]


_DUE = prepared(
    select(_ESCALATIONS.c.incident)
    .where(_ESCALATIONS.c.wake_at <= bindparam("by_now"))
    .order_by(_ESCALATIONS.c.wake_at)
    .limit(bindparam("at_most"))
)


def hold_due(tx: Transaction, now: datetime, limit: int) -> list[str]:
    """Those that nobody else holds, kept from others until the transaction ends: however many somebody holds, the rest
    is found."""
    return [row.incident for row in tx.execute(_HOLD_DUE, {"by_now": now, "at_most": limit})]


_HOLD_DUE = prepared(
    select(_ESCALATIONS.c.incident)
    .join(_INCIDENTS, _INCIDENTS.c.id == _ESCALATIONS.c.incident)
    .where(_ESCALATIONS.c.wake_at <= bindparam("by_now"))
    .order_by(_ESCALATIONS.c.wake_at)
    .limit(bindparam("at_most"))
    .with_for_update(key_share=True, skip_locked=True, of=_INCIDENTS)
)


def next_wake(tx: Transaction) -> datetime | None:
    """When the next climb falls due."""
    return _NEXT_WAKE.seen(tx)


_NEXT_WAKE = Glance(select(func.min(_ESCALATIONS.c.wake_at)).where(_ESCALATIONS.c.wake_at.is_not(None)))


def by_incidents(tx: Transaction, incidents: Iterable[str]) -> dict[str, Escalation]:
    """The climbs of these incidents."""
    return {row.incident: rows.escalation(row) for row in tx.execute(_BY_INCIDENTS, {"ids": list(incidents)})}


_BY_INCIDENTS = prepared(select(_ESCALATIONS).where(among(_ESCALATIONS.c.incident, "ids")))


def of_open(tx: Transaction) -> list[tuple[str, str]]:
    """The short ids of the open incidents that have a policy, each with the version that it climbs."""
    found = select(_INCIDENTS.c.short_id, _ESCALATIONS.c.policy_version).where(
        _ESCALATIONS.c.incident == _INCIDENTS.c.id, _INCIDENTS.c.status.in_(OPEN), _ESCALATIONS.c.policy_version != ""
    )
    return [(short_id, version) for short_id, version in tx.execute(found.order_by(_INCIDENTS.c.created_at))]


def hurry(tx: Transaction, incident: str, now: datetime) -> None:
    """Make an incident's next step due now, whatever its delay: "Escalate now"."""
    tx.execute(update(_ESCALATIONS).where(_ESCALATIONS.c.incident == incident).values(wake_at=now))
