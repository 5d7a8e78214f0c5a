"""Tables of four eyes, and of runs that a newer version took over from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, text
from sqlmodel import Field, SQLModel

from storage.moments import Moment


class ApprovalRow(SQLModel, table=True):
    """Somebody asks for a second person for one step. `run` may be of the past."""

    __tablename__ = "approvals"
    id: str = Field(primary_key=True)
    incident: str = Field(foreign_key="incidents.id", index=True)
    run: str
    order: int
    wish: str
    by_key: str
    by_name: str
    by_person: str
    by_slack: str
    note: str
    asked_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    state: str = Field(index=True)
    decided_by: str
    decided_at: datetime | None = Field(sa_type=Moment)
    reason: str


class PastRunRow(SQLModel, table=True):
    """A run that goes on with a newer version of its runbook: what it was when it did."""

    __tablename__ = "past_runs"
    id: str = Field(primary_key=True)
    incident: str = Field(foreign_key="incidents.id", index=True)
    runbook_version: str
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime = Field(sa_type=Moment)
    carried_to: int = Field(sa_column_kwargs={"server_default": text("0")})
    """The number of the version that it goes on with."""
    steps: Any = Field(sa_column=Column(JSON, nullable=False))
