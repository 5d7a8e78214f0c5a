"""The table of check-ups: whether people can really be reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from storage.moments import Moment


class CheckupRow(SQLModel, table=True):
    """What is known of one person who is paged."""

    __tablename__ = "checkups"
    person: str = Field(primary_key=True)
    seen_at: datetime = Field(sa_type=Moment)
    tested_at: datetime | None = Field(sa_type=Moment)
    doubts: Any = Field(sa_column=Column(JSON, nullable=False))
