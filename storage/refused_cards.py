"""Cards, and lines under them, that Slack has refused for their channel's sake: kept until they may be tried again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, bindparam, cast, delete, exists, literal, select, text

from domain.incidents import OPEN, Status
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


def put_lines_back(tx: Transaction, channel: str, now: datetime, limit: int) -> None:
    """Let the lines leave again, at most `limit` and in their order, that were to hang under the cards of a channel's
    open incidents."""
    found = list(tx.execute(_LINES, {"in_channel": channel, "at_most": limit}).scalars())
    gone = tx.execute(_TAKE_LINES, {"ids": found}).all() if found else []
    lane = posts(channel)
    put(
        tx,
        [
            Parcel(
                kind=Kind.LINE,
                incident=row.incident,
                subject=row.subject,
                due_at=now,
                lane=lane,
                is_ambiguous=row.is_ambiguous,
            )
            for row in sorted(gone, key=lambda row: row.id)
        ],
    )


def has_open(tx: Transaction, channel: str) -> bool:
    """Whether a channel is that of an open incident."""
    found = select(_INCIDENTS.c.id).where(_INCIDENTS.c.status.in_(OPEN), _INCIDENTS.c.channel == channel)
    return tx.execute(found.limit(1)).first() is not None


_CARD = literal("card:") + cast(_OUTBOX.c.incident, String)


def refused_query(channel: Any, limit: Any) -> Select[Any]:
    """The cards that may be put back."""
    its_card = exists().where(_MESSAGES.c.key == _CARD)
    return _refused(channel, Kind.CARD).where(~its_card).order_by(_OUTBOX.c.due_at, _OUTBOX.c.id).limit(limit)


def refused_lines_query(channel: Any, limit: Any) -> Select[Any]:
    """The lines that may be put back."""
    its_card = exists().where(_MESSAGES.c.key == _CARD)
    return _refused(channel, Kind.LINE).where(its_card).order_by(_OUTBOX.c.id).limit(limit)


def _refused(channel: Any, kind: Kind) -> Select[Any]:
    """Open incidents are few and have an index, and so have the parcels of each."""
    return (
        select(_OUTBOX.c.id)
        .join(_INCIDENTS, _INCIDENTS.c.id == _OUTBOX.c.incident)
        .where(
            _INCIDENTS.c.status.in_([one.value for one in Status if one is not Status.RESOLVED]),
            _INCIDENTS.c.channel == channel,
            _OUTBOX.c.kind == kind.value,
            _IS_FAILED,
        )
    )


_FOUND = prepared(refused_query(bindparam("in_channel"), bindparam("at_most")))
_LINES = prepared(refused_lines_query(bindparam("in_channel"), bindparam("at_most")))
_TAKEN = delete(_OUTBOX).where(among(_OUTBOX.c.id, "ids"), _IS_FAILED)
_TAKE = prepared(_TAKEN.returning(_OUTBOX.c.incident, _OUTBOX.c.is_ambiguous))
_TAKE_LINES = prepared(_TAKEN.returning(_OUTBOX.c.id, _OUTBOX.c.incident, _OUTBOX.c.subject, _OUTBOX.c.is_ambiguous))
