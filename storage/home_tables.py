"""Tables of Home tabs and their readers."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.moments import Moment


class HomeRow(SQLModel, table=True):
    """Who has the app's Home tab before them, and where in it: kept up to date for a day after it was opened."""

    __tablename__ = "homes"
    user: str = Field(primary_key=True)
    opened_at: datetime = Field(sa_type=Moment, index=True)
    section: str
    search: str
    page: int


class ReaderRow(SQLModel, table=True):
    """The language that somebody has set in Slack, whether the catalog knows them or not."""

    __tablename__ = "readers"
    user: str = Field(primary_key=True)
    locale: str
    asked_at: datetime = Field(sa_type=Moment, index=True)
