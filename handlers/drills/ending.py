"""What the end of a drill carries with it, inside the transaction that ends its incident."""

from __future__ import annotations

from datetime import datetime

from domain.incidents import Incident
from storage import drills, outbox
from storage.outbox import Kind, Parcel
from storage.store import Transaction

REPORT = "drill"
"""What the report's parcel is called behind its incident's id."""


def over(tx: Transaction, incident: Incident, now: datetime, due: datetime) -> None:
    """Put the report under the card, when the incident was a drill; `due` is when something may go there."""
    if not incident.is_drill:
        return
    drills.end(tx, incident.id, now)
    lane, subject = outbox.posts(incident.channel), f"{incident.id}:{REPORT}"
    outbox.put(tx, [Parcel(kind=Kind.FILE, incident=incident.id, subject=subject, due_at=due, lane=lane)])
