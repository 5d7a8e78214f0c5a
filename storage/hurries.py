"""What waits, brought forward: whoever it waits for is back, or what it tells of has become worse."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text, update

from storage.catalog import table
from storage.outbox import HELD
from storage.outbox_tables import OutboxRow
from storage.parcels import HOOKS, PERSONAL_LANES, PRIORITY, WORST_PAGE, Kind
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


def worst(tx: Transaction, incident: str) -> None:
    """Pages about this incident, which is now among the worst, go before those about others behind their webhooks."""
    tx.execute(_WORST, {"of": incident})


_WORST = prepared(
    update(_OUTBOX)
    .where(
        text("outbox.state = 'waiting'"),
        _OUTBOX.c.incident == bindparam("of"),
        _OUTBOX.c.kind == Kind.PAGE.value,
        _OUTBOX.c.lane.startswith(HOOKS, autoescape=True),
    )
    .values(priority=-WORST_PAGE)
)
