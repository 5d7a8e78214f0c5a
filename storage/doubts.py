"""What may be in Slack all the same, and who has to look before posting it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from storage.catalog import table
from storage.outbox_tables import OutboxRow
from storage.parcels import Kind
from storage.store import Transaction

_OUTBOX = table(OutboxRow)


def of_cards(tx: Transaction, incidents: Sequence[str]) -> None:
    """The cards of these incidents may be there: a page whose answer was lost may have posted one in passing, and is
    not tried again, so that nobody else knows. Whoever posts them looks first."""
    if incidents:
        cards = (_OUTBOX.c.incident.in_(sorted(set(incidents))), _OUTBOX.c.kind == Kind.CARD.value)
        tx.execute(update(_OUTBOX).where(*cards).values(is_ambiguous=True))


def of_pages(tx: Transaction, incident: str, pages: Sequence[str]) -> None:
    """These pages of an incident were tried before, and what became of that was forgotten with what waited: whoever
    sends them looks first."""
    if pages:
        theirs = (_OUTBOX.c.incident == incident, _OUTBOX.c.kind == Kind.PAGE.value, _OUTBOX.c.subject.in_(pages))
        tx.execute(update(_OUTBOX).where(*theirs).values(is_ambiguous=True))
