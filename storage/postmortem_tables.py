"""Tables of post-mortems."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from storage.moments import Moment


class PostmortemRow(SQLModel, table=True):
    """One incident's, from when it is due; `version` is the latest, 0 before anybody has written."""

    __tablename__ = "postmortems"
    incident: str = Field(primary_key=True, foreign_key="incidents.id")
    state: str = Field(index=True)
    version: int
    due_at: datetime = Field(sa_type=Moment)


class PostmortemVersionRow(SQLModel, table=True):
    """What somebody has saved; kept for ever."""

    __tablename__ = "postmortem_versions"
    incident: str = Field(primary_key=True, foreign_key="incidents.id")
    version: int = Field(primary_key=True)
    content: Any = Field(sa_column=Column(JSON, nullable=False))
    by: str
    at: datetime = Field(sa_type=Moment)
