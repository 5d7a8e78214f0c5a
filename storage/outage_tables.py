"""Tables of the times without Slack."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
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
    holder: str = Field(sa_column_kwargs={"server_default": text("''")})
    """The process that notices when it is over; "" when an older version has opened it."""


class DetourRow(SQLModel, table=True):
    """An incident of which a page went another way while Slack was away."""

    __tablename__ = "detours"
    outage: str = Field(primary_key=True)
    incident: str = Field(primary_key=True, index=True)
