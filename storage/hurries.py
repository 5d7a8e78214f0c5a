"""What waits to be tried again, brought forward: whoever it waits for is back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text, update

from storage.catalog import table
from storage.outbox import HELD
from storage.outbox_tables import OutboxRow
from storage.parcels import PERSONAL_LANES, PRIORITY, Kind
from storage.prepared import prepared
from storage.store import Transaction

_OUTBOX = table(OutboxRow)
_LATER = (text("outbox.state = 'waiting'"), _OUTBOX.c.due_at > bindparam("at"), _OUTBOX.c.due_at < bindparam("never"))
_SOON: dict[str, Any] = {"due_at": bindparam("at")}


def slack_pages(tx: Transaction, now: datetime) -> None:
    """Pages that wait to be tried again in Slack may leave now: it is back."""
    tx.execute(_SLACK_PAGES, {"at": now, "never": HELD})


_SLACK_PAGES = prepared(
    update(_OUTBOX)
    .where(*_LATER, _OUTBOX.c.lane.not_in(PERSONAL_LANES), _OUTBOX.c.priority <= PRIORITY[Kind.PAGE])
    .values(_SOON)
)


def lane(tx: Transaction, name: str, now: datetime) -> None:
    """What waits to be tried again in this lane may leave now: its provider takes something again."""
    tx.execute(_IN_LANE, {"in_lane": name, "at": now, "never": HELD})


_IN_LANE = prepared(
    update(_OUTBOX).where(*_LATER, _OUTBOX.c.lane == bindparam("in_lane"), _OUTBOX.c.attempts > 0).values(_SOON)
)
