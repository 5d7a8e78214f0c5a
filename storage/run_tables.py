"""Tables of runbooks that somebody goes through."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.columns import later
from storage.moments import Moment


class RunRow(SQLModel, table=True):
    __tablename__ = "runs"
    __table_args__ = (Index("runs_by_version", "runbook_version", "started_at"),)
    id: str = Field(primary_key=True)
    incident: str = Field(foreign_key="incidents.id", unique=True)
    runbook_version: str
    state: str
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(sa_type=Moment)
    aborted_at: datetime | None = Field(sa_type=Moment)
    aborted_by: str = later("''")
    wake_at: datetime | None = Field(sa_type=Moment, index=True)
    speed: int = later("1")


class RunStepRow(SQLModel, table=True):
    """What became of a step; a step that nobody touched yet has no row."""

    __tablename__ = "run_steps"
    run: str = Field(primary_key=True, foreign_key="runs.id")
    order: int = Field(primary_key=True)
    state: str
    has_problem: bool
    note: str
    by: str
    confirmed_by: str
    approved_by: str = later("''")
    glass: str = later("''")
    started_at: datetime | None = Field(sa_type=Moment)
    finished_at: datetime | None = Field(sa_type=Moment)
    asked_at: datetime | None = Field(sa_type=Moment)
    answered_at: datetime | None = Field(sa_type=Moment)
    answered_by: str = later("''")
    needs_help: bool = later("false")
