"""How much waits to leave, for whoever watches."""

from __future__ import annotations

from sqlalchemy import func, select, text

from storage.catalog import table
from storage.outbox_tables import OutboxRow
from storage.prepared import prepared
from storage.store import Transaction

LANES = ("direct", "mails", "texts", "calls", "posts", "edits", "homes", "held", "letters", "rooms", "groups", "hook")
"""The kinds of lanes: what nobody limits, pages by mail, SMS and telephone, messages in channels, changes of them, Home
tabs, cards held in a storm, mails to stakeholders, war rooms, user groups, webhooks."""
_OUTBOX = table(OutboxRow)


def depths(tx: Transaction) -> dict[str, int]:
    """How much waits in each kind of lane. Reads the index of what waits, whatever else the table holds."""
    found = dict.fromkeys(LANES, 0)
    for lane, count in tx.execute(_DEPTHS):
        kind = lane.partition(":")[0] or LANES[0]
        found[kind] = found.get(kind, 0) + count
    return found


_DEPTHS = prepared(
    select(_OUTBOX.c.lane, func.count())
    # In the words of the partial index, which is not used otherwise.
    .where(text("state = 'waiting'"))
    .group_by(_OUTBOX.c.lane)
)
