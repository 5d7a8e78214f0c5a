"""Cards that Slack has refused for their channel's sake: kept until they may be tried again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, bindparam, cast, delete, exists, literal, select, text

from domain.incidents import Status
from storage.catalog import table
from storage.incident_tables import IncidentRow
from storage.message_tables import MessageRow
from storage.outbox import put
from storage.outbox_tables import OutboxRow
from storage.parcels import Kind, Parcel, posts
from storage.prepared import among, prepared
from storage.store import Transaction

_OUTBOX, _INCIDENTS, _MESSAGES = table(OutboxRow), table(IncidentRow), table(MessageRow)
_IS_FAILED = text("outbox.state = 'failed'")


def put_back(tx: Transaction, channel: str, now: datetime, limit: int) -> int:
    """Let cards of a channel's open incidents leave again, those first that were not tried for longest; how many, at
    most `limit`. An incident whose card is there has none to come."""
    found = list(tx.execute(_FOUND, {"in_channel": channel, "at_most": limit}).scalars())
    # Deleted and put anew: a newer one may wait already, and another process may do the same.
    gone = tx.execute(_TAKE, {"ids": found}).all() if found else []
    doubts: dict[str, bool] = {}
    for row in gone:
        doubts[row.incident] = doubts.get(row.incident, False) or row.is_ambiguous
    lane = posts(channel)
    put(
        tx,
        [
            Parcel(kind=Kind.CARD, incident=one, due_at=now, lane=lane, is_ambiguous=doubts[one])
            for one in sorted(doubts)
        ],
    )
    return len(found)


_CARD = literal("card:") + cast(_OUTBOX.c.incident, String)


def refused_query(channel: Any, limit: Any) -> Select[Any]:
    """The cards that may be put back. Open incidents are few and have an index, and so have the parcels of each."""
    return (
        select(_OUTBOX.c.id)
        .join(_INCIDENTS, _INCIDENTS.c.id == _OUTBOX.c.incident)
        .where(
            _INCIDENTS.c.status.in_([one.value for one in Status if one is not Status.RESOLVED]),
            _INCIDENTS.c.channel == channel,
            _OUTBOX.c.kind == Kind.CARD.value,
            _IS_FAILED,
            ~exists().where(_MESSAGES.c.key == _CARD),
        )
        .order_by(_OUTBOX.c.due_at, _OUTBOX.c.id)
        .limit(limit)
    )


_FOUND = prepared(refused_query(bindparam("in_channel"), bindparam("at_most")))
_TAKE = prepared(
    delete(_OUTBOX).where(among(_OUTBOX.c.id, "ids"), _IS_FAILED).returning(_OUTBOX.c.incident, _OUTBOX.c.is_ambiguous)
)
