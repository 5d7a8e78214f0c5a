"""The private calendars of teams and people, by the ids that links carry; made anew, the old one leads nowhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from storage.catalog import table
from storage.identifiers import new_random_id
from storage.schedule_tables import FeedRow
from storage.store import Transaction
from storage.upserts import put_row

_FEEDS = table(FeedRow)


def of(tx: Transaction, subject: str) -> str:
    """The id of a subject's calendar (`team:…`, `person:…`), "" when it has none yet."""
    return str(tx.execute(select(_FEEDS.c.feed).where(_FEEDS.c.subject == subject)).scalar() or "")


def issue(tx: Transaction, subject: str, now: datetime) -> str:
    """A new id in the stead of the one before."""
    feed = new_random_id()
    put_row(tx, _FEEDS, {"subject": subject, "feed": feed, "made_at": now})
    return feed


def subject_of(tx: Transaction, feed: str) -> str:
    """Whose calendar it is, "" when it leads nowhere."""
    return str(tx.execute(select(_FEEDS.c.subject).where(_FEEDS.c.feed == feed)).scalar() or "")
