"""The table of telephone calls."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.moments import Moment


class CallRow(SQLModel, table=True):
    """What became of one page's call, and the keys that were pressed in it."""

    __tablename__ = "calls"
    notification: str = Field(primary_key=True, foreign_key="notifications.id")
    state: str
    keys: str
    changed_at: datetime = Field(sa_type=Moment)
