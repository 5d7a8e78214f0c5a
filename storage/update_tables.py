"""Tables of status updates: when the next is due, and the letters to stakeholders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, String, Text, text
from sqlmodel import Field, SQLModel

from storage.columns import partial
from storage.moments import Moment


class UpdateWatchRow(SQLModel, table=True):
    """When others are to hear of an incident again."""

    __tablename__ = "update_watches"
    __table_args__ = (partial("update_watches_due", ["wake_at"], "wake_at IS NOT NULL"),)
    incident: str = Field(primary_key=True, foreign_key="incidents.id")
    minutes: int
    wake_at: datetime | None = Field(sa_type=Moment)
    reminded_at: datetime | None = Field(sa_type=Moment)
    is_dismissed: bool


class LetterRow(SQLModel, table=True):
    """An e-mail to a stakeholder, and what became of it."""

    __tablename__ = "letters"
    id: str = Field(primary_key=True)
    incident: str = Field(foreign_key="incidents.id", index=True)
    address: str
    occasion: str
    entry: str
    state: str
    reason: str = Field(sa_type=Text)
    made_at: datetime = Field(sa_type=Moment)
    bundle: str = Field(sa_column=Column(String, nullable=False, server_default=text("''"), index=True))
