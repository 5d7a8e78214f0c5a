"""Tables of answers by SMS."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from storage.moments import Moment


class ReplyRow(SQLModel, table=True):
    """An SMS that came in, by its operator's id: taken once. `answer` is what its sender is told, and `details` the
    words that it is told with."""

    __tablename__ = "sms_replies"
    __table_args__ = (Index("sms_replies_by_number", "number", "taken_at"),)
    id: str = Field(primary_key=True)
    number: str
    message: str
    written_at: datetime = Field(sa_type=Moment)
    taken_at: datetime = Field(sa_type=Moment, index=True)
    incident: str = Field(index=True)
    answer: str
    locale: str
    details: Any = Field(sa_column=Column(JSON, nullable=False))


class ShortNumberRow(SQLModel, table=True):
    """The number that an incident has in SMS: `12a` is shorter to type than its name."""

    __tablename__ = "short_numbers"
    incident: str = Field(primary_key=True, foreign_key="incidents.id")
    number: int
    given_at: datetime = Field(sa_type=Moment, index=True)
