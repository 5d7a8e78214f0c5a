"""The messages of a run in its incident's thread: which one a parcel is, and what it says now."""

from __future__ import annotations

from dataclasses import dataclass

from blocks import approvals, overdue, rollbacks, runbooks
from blocks.kit import Message
from bot.engine.context import Context
from domain.escalations import EscalationState
from domain.incidents import Incident
from domain.placeholders import NOTHING
from domain.runbooks import Run
from storage.outbox import Kind, Parcel

LOUD = (Kind.APPROVAL,)
"""What the channel sees too when it is new: it waits for an answer of somebody who may not read the thread."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message, and the key of the place where it stands."""

    key: str
    message: Message


def said(parcel: Parcel, context: Context, incident: Incident, locale: str, zone: str) -> Said | None:
    """What `parcel` says; None when what it was about is gone."""
    run = context.runs.get(incident.id)
    if parcel.kind is Kind.APPROVAL:
        return _request(parcel, context, run, incident, locale, zone)
    if run is None:
        return None
    if parcel.kind is Kind.RUN:
        return Said(f"run:{run.id}", runbooks.overview(run, locale, is_open=incident.is_open))
    name, _, order = parcel.subject.rpartition(":")
    meant = run if run.id == name else context.past.get(name)
    if meant is None:
        return None
    key = f"{parcel.kind.value}:{parcel.subject}"
    if meant is not run and key not in context.places:
        return None
    return Said(key, _step(parcel, context, meant, int(order), incident, locale))


def _step(parcel: Parcel, context: Context, run: Run, order: int, incident: Incident, locale: str) -> Message:
    known = context.facts.get(parcel.subject, NOTHING)
    if parcel.kind is Kind.ROLLBACK:
        return rollbacks.rollback(run, order, locale, known, is_open=incident.is_open)
    if parcel.kind is Kind.OVERDUE:
        climb = context.climbs.get(incident.id)
        is_watched = climb is not None and climb.state is EscalationState.WATCHING
        return overdue.question(run, order, incident, locale, is_watched=is_watched)
    newer = context.directory.runbooks.get(run.runbook.id)
    return runbooks.step(run, order, locale, is_open=incident.is_open, known=known, newer=newer)


def _request(
    parcel: Parcel, context: Context, run: Run | None, incident: Incident, locale: str, zone: str
) -> Said | None:
    request = context.requests.get(parcel.subject)
    if request is None:
        return None
    meant = run if run and run.id == request.run else context.past.get(request.run)
    message = approvals.request(request, meant, locale, zone)
    return Said(f"approval:{request.id}", message)
