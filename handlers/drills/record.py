"""A drill with all that is known of it, inside the caller's transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.drill_reports import DrillRecord, report
from domain.incidents import Incident, Status
from domain.simulation import simulate
from storage import catalog, drills, messages, notifications, runs, timeline, versions
from storage.store import Transaction


def record(tx: Transaction, incident: Incident, now: datetime) -> DrillRecord:
    """The drill that `incident` is. Raises NotFound when it is none."""
    drill, directory = drills.find(tx, incident.id), catalog.directory(tx)
    policy = versions.policy(tx, incident.policy_version) if incident.policy_version else None
    run = runs.by_incidents(tx, [incident.id]).get(incident.id)
    waiting = replace(incident, status=Status.TRIGGERED, created_at=drill.started_at)
    planned = simulate(policy, waiting, directory)
    made = notifications.of_incident(tx, incident.id)
    happened = timeline.of_incident(tx, incident.id)
    told = report(drill, incident, planned, made, happened, run, now)
    return DrillRecord(drill, incident, directory, policy, run, told, _place(tx, drill.channel))


def _place(tx: Transaction, channel: str) -> str:
    name = next((name for name, known in messages.channels(tx).items() if known == channel), "")
    return f"#{name}" if name else channel
