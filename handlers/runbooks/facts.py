"""What an incident gives a step's placeholders: read where a step is shown, and where it is done."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from domain import placeholders
from domain.directory import Directory
from domain.incidents import Incident
from domain.placeholders import NOTHING, Facts
from domain.runbooks import Run, RunbookStep
from handlers.incidents import transitions
from storage import incidents, outbox, runs
from storage.outbox import Kind, Parcel
from storage.store import Transaction

MOST_ALERTS = 500
"""Alerts of one incident that are looked at, oldest first: a storm has thousands, and they say the same."""


def of_step(tx: Transaction, incident: Incident, step: RunbookStep, directory: Directory) -> Facts:
    """What `step` can be filled with. One that names nothing, as most do, asks the database nothing."""
    if not placeholders.in_step(step):
        return NOTHING
    said = {
        "short_id": incident.short_id,
        "title": incident.title,
        "service": directory.service_name(incident.service),
        "severity": incident.severity.value,
        "url": incident.url,
    }
    return placeholders.facts(said, incidents.labels(tx, incident.id, MOST_ALERTS))


def of_run(tx: Transaction, incident: Incident, run: Run, order: int, directory: Directory) -> Facts:
    """The same for a step of a run by its order; nothing when there is no such step."""
    step = next((one for one in run.runbook.steps if one.order == order), None)
    return of_step(tx, incident, step, directory) if step else NOTHING


def show_again(tx: Transaction, changed: Collection[str], now: datetime) -> None:
    """Further alerts came to these incidents: the step that waits may name what they say."""
    for run in runs.by_incidents(tx, changed).values() if changed else ():
        step = run.current
        if step is not None and placeholders.in_step(run.step(step)[0]):
            due = transitions.under_card(tx, run.incident, now)
            subject = f"{run.id}:{step}"
            parcel = Parcel(kind=Kind.STEP, incident=run.incident, subject=subject, due_at=due, lane=outbox.EDITS)
            outbox.put(tx, [parcel])
