"""Requests for a second person that nobody can answer any more, because something else happened: said, and recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain import approvals as rules
from domain.approvals import Request
from domain.timeline import Entry, Event
from storage import approvals, messages, outbox, timeline
from storage.outbox import HELD, Kind, Parcel
from storage.store import Transaction


def void(tx: Transaction, requests: Sequence[Request], by: str, now: datetime) -> None:
    """These requests are void, and their messages say so."""
    if not requests:
        return
    approvals.save(tx, [rules.void(one, by, now) for one in requests])
    due = now if messages.has(tx, f"card:{requests[0].incident}") else HELD
    timeline.add(tx, [_entry(one, by, now) for one in requests])
    outbox.put(
        tx,
        [
            Parcel(kind=Kind.APPROVAL, incident=one.incident, subject=one.id, due_at=due, lane=outbox.EDITS)
            for one in requests
        ],
    )


def void_all(tx: Transaction, incident: str, by: str, now: datetime) -> None:
    """Those of an incident that is over."""
    void(tx, approvals.waiting(tx, incident), by, now)


def _entry(one: Request, by: str, now: datetime) -> Entry:
    details: dict[str, str | int] = {"step": one.order, "asker": one.by.name}
    return Entry(incident=one.incident, at=now, event=Event.APPROVAL_VOID, by=by, details=details)
