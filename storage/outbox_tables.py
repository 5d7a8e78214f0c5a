"""The table of what has to leave."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.columns import partial
from storage.moments import Moment


class OutboxRow(SQLModel, table=True):
    """Something that has to leave: committed with the change that caused it, taken by the sender.

    `waiting_key` is unique among what waits: a newer card refresh is the same row. A row that went out is deleted;
    one that can't is kept as failed.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        partial("outbox_one_waiting", ["waiting_key"], "state = 'waiting'", unique=True),
        partial("outbox_due", ["lane", "priority", "due_at"], "state = 'waiting'"),
        Index("outbox_by_incident", "incident"),
        partial("outbox_sending", ["waiting_key"], "state = 'sending'"),
    )
    id: int | None = Field(default=None, primary_key=True)
    """On PostgreSQL it comes round, by numbers below zero, after four billion."""
    kind: str
    waiting_key: str
    lane: str
    priority: int
    incident: str
    subject: str
    state: str
    due_at: datetime = Field(sa_type=Moment)
    attempts: int
    is_ambiguous: bool
    holder: str
