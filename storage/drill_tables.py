"""The table of drills."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from storage.moments import Moment


class DrillRow(SQLModel, table=True):
    """An incident that is a drill: how fast its time passes, who takes part (ids), where it takes place."""

    __tablename__ = "drills"
    incident: str = Field(primary_key=True, foreign_key="incidents.id")
    speed: int
    participants: Any = Field(sa_column=Column(JSON, nullable=False))
    channel: str
    started_by: str
    started_at: datetime = Field(sa_type=Moment, index=True)
    ended_at: datetime | None = Field(sa_type=Moment)
