"""Tables of what looks after the engine: what it overlooked, whose turn it is to look, and sources' signs of life."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, unique
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from storage.columns import partial
from storage.moments import Moment


class OversightRow(SQLModel, table=True):
    """Something that should have happened and did not; `over_at` when it was looked for and not found again."""

    __tablename__ = "oversights"
    __table_args__ = (partial("oversights_open", ["found_at"], "over_at IS NULL"),)
    lapse: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    incident: str = Field(index=True)
    since: datetime = Field(sa_type=Moment)
    found_at: datetime = Field(sa_type=Moment, index=True)
    over_at: datetime | None = Field(sa_type=Moment)
    is_mended: bool


@unique
class Inspected(IntEnum):
    """What each row of `inspections` is the moment of; the values are kept."""

    OVERLOOKED = 1
    """Somebody looked for what was overlooked."""
    ANONYMISED = 2
    """Names are forgotten of what was over by then."""
    ALIVE = 3
    """Something could be written."""


class InspectionRow(SQLModel, table=True):
    """Moments that all processes share; `id` is one of `Inspected`."""

    __tablename__ = "inspections"
    id: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Moment)


class CompatibilityRow(SQLModel, table=True):
    """One row: the tables' revision, and the oldest whose code works with them. storage/schema.py reads it bare."""

    __tablename__ = "schema_compatibility"
    id: int = Field(primary_key=True)
    revision: str
    oldest: str


class HeartbeatRow(SQLModel, table=True):
    """A source that says that it lives, as the catalog has it."""

    __tablename__ = "heartbeats"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    content: Any = Field(sa_column=Column(JSON, nullable=False))


class BeatRow(SQLModel, table=True):
    """When a source last gave a sign of life, and when it is silent for too long."""

    __tablename__ = "beats"
    __table_args__ = (partial("beats_due", ["wake_at"], "wake_at IS NOT NULL"),)
    heartbeat: str = Field(primary_key=True)
    heard_at: datetime | None = Field(sa_type=Moment)
    wake_at: datetime | None = Field(sa_type=Moment)
    is_silent: bool
