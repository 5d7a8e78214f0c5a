"""Tables of intake: what becomes of alerts, where tools put things in their JSON, what waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from storage.moments import Moment


class AlertRuleRow(SQLModel, table=True):
    """A rule for alerts; the one with the lowest position is asked first."""

    __tablename__ = "alert_rules"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    position: int
    content: Any = Field(sa_column=Column(JSON, nullable=False))


class AlertMappingRow(SQLModel, table=True):
    """Where a tool puts things in its JSON."""

    __tablename__ = "alert_mappings"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    content: Any = Field(sa_column=Column(JSON, nullable=False))


class HeldAlertsRow(SQLModel, table=True):
    """A group of alerts that may resolve by itself, until `wake_at`."""

    __tablename__ = "held_alerts"
    key: str = Field(primary_key=True)
    since: datetime = Field(sa_type=Moment)
    wake_at: datetime = Field(sa_type=Moment, index=True)
    content: Any = Field(sa_column=Column(JSON, nullable=False))
