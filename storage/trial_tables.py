"""The table of pages that people try out on themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.columns import later
from storage.moments import Moment


class TrialRow(SQLModel, table=True):
    """The last page that somebody tried out on themselves, by channel."""

    __tablename__ = "trials"
    __table_args__ = (Index("one_trial_a_channel", "person", "channel", unique=True),)
    id: str = Field(primary_key=True)
    person: str
    channel: str
    address: str
    state: str
    reason: str
    started_at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(sa_type=Moment)
    is_monthly: bool = later("false")
