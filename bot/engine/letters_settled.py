"""What became of letters to stakeholders, written down and said."""

from __future__ import annotations

from datetime import datetime

from domain.timeline import Entry, Event
from domain.updates import LetterState
from handlers.incidents import transitions
from storage import letters, timeline
from storage.outbox import Kind, Parcel
from storage.store import Transaction

_REASON_KEPT = 200
_FAILURES_TOLD = 10


def settle(tx: Transaction, parcel: Parcel, reason: str, now: datetime, *, is_sent: bool) -> None:
    """What became of a mail to a stakeholder: of one letter, or of every letter in one about many incidents."""
    found = letters.waiting(tx, parcel.subject) if parcel.kind is Kind.ROUND_UP else []
    for identity in [parcel.subject] if parcel.kind is Kind.LETTER else [one.id for one in found]:
        _settle(tx, identity, reason, now, is_sent=is_sent)


def _settle(tx: Transaction, identity: str, reason: str, now: datetime, *, is_sent: bool) -> None:
    """What became of a letter. When the last of those that tell the same has its answer, it is said who was told, and
    in the thread whom nothing reached."""
    letters.settle(tx, identity, LetterState.SENT if is_sent else LetterState.FAILED, reason[:_REASON_KEPT])
    letter = letters.find(tx, identity)
    if letter is None:
        return
    every = letters.of_incident(tx, letter.incident)
    same = [one for one in every if (one.occasion, one.entry) == (letter.occasion, letter.entry)]
    if any(one.state is LetterState.WAITING for one in same):
        return
    failed = [one for one in same if one.state is LetterState.FAILED]
    details: dict[str, str | int] = {"occasion": letter.occasion.value, "sent": len(same) - len(failed)}
    if failed:
        details |= {
            "failed": len(failed),
            "reasons": "\n".join(f"{one.address}: {one.reason}" for one in failed[:_FAILURES_TOLD]),
        }
    entry = Entry(incident=letter.incident, at=now, event=Event.STAKEHOLDERS_TOLD, by="Vigie", details=details)
    if failed:
        transitions.record(tx, now, entry)
    else:
        timeline.add(tx, [entry])
