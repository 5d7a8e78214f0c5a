"""Tables of grave incidents: their war rooms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Text, text
from sqlmodel import Field, SQLModel

from storage.columns import partial, plain_json
from storage.moments import Moment


class RoomRow(SQLModel, table=True):
    """An incident's war room, from the wish for it on: what of it is done is written down step by step."""

    __tablename__ = "war_rooms"
    __table_args__ = (partial("war_rooms_due", ["wake_at"], "wake_at IS NOT NULL"),)
    incident: str = Field(primary_key=True, foreign_key="incidents.id")
    state: str
    name: str
    taken: int
    is_begun: bool
    channel: str = Field(index=True)
    asked_by: str
    guests: Any = plain_json()
    invited: Any = plain_json()
    topic: str = Field(sa_type=Text)
    is_carded: bool
    is_pinned: bool
    bookmark: str
    bookmarked: str = Field(sa_type=Text)
    is_summed_up: bool
    given_up: Any = plain_json()
    wake_at: datetime | None = Field(sa_type=Moment)
    opened_at: datetime | None = Field(sa_type=Moment)
    archived_at: datetime | None = Field(sa_type=Moment)
    is_held: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
