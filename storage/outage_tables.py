"""Tables of the times without Slack."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.moments import Moment


class OutageRow(SQLModel, table=True):
    """A time without Slack; one at most has no end."""

    __tablename__ = "outages"
    id: str = Field(primary_key=True)
    since: datetime = Field(sa_type=Moment, index=True)
    until: datetime | None = Field(sa_type=Moment)
    part: str
    pages: int


class DetourRow(SQLModel, table=True):
    """An incident of which a page went another way while Slack was away."""

    __tablename__ = "detours"
    outage: str = Field(primary_key=True)
    incident: str = Field(primary_key=True)
