"""The table of what Slack has delivered."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.moments import Moment


class InboxRow(SQLModel, table=True):
    """An event of Slack's that was taken: they come again, and must not act again."""

    __tablename__ = "inbox"
    event: str = Field(primary_key=True)
    received_at: datetime = Field(sa_type=Moment, index=True)
