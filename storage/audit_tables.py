"""The table of who changed what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from storage.moments import Moment


class AuditRow(SQLModel, table=True):
    """A change of configuration: who, when, before, after."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_by_subject", "subject", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Moment)
    actor: str
    action: str
    subject: str
    before: Any = Field(sa_column=Column(JSON, nullable=True))
    after: Any = Field(sa_column=Column(JSON, nullable=True))
