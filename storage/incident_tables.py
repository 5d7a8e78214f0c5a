"""Tables of incidents: what they are, what was sent of them, how they climb, what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field, SQLModel

from storage.columns import later, partial, plain_json
from storage.moments import Moment


class IncidentRow(SQLModel, table=True):
    __tablename__ = "incidents"
    __table_args__ = (
        # One open incident a group, whoever asks first: the database holds it, across processes too.
        partial(
            "one_open_incident_a_group",
            ["source", "group_key"],
            "status <> 'RESOLVED' AND group_key <> ''",
            unique=True,
        ),
        partial("duplicates_by_group", ["source", "group_key"], "duplicate_of <> ''"),
        Index("incidents_by_status", "status", "created_at"),
        Index("incidents_by_creation", "created_at"),
        partial("incidents_by_resolution", ["resolved_at"], "resolved_at IS NOT NULL"),
    )
    id: str = Field(primary_key=True)
    short_id: str = Field(unique=True)
    title: str
    description: str = Field(sa_type=Text)
    severity: str
    status: str
    service: str
    team: str
    lead: str
    source: str
    group_key: str
    url: str
    channel: str
    policy_version: str
    detected_at: datetime = Field(sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    acknowledged_at: datetime | None = Field(sa_type=Moment)
    acknowledged_by: str
    acknowledged_slack: str
    resolved_at: datetime | None = Field(sa_type=Moment)
    resolved_by: str
    resolution_note: str = Field(sa_type=Text)
    root_cause: str = Field(sa_type=Text)
    owner: str = later("''")
    communications: str = later("''")
    snoozed_until: datetime | None = Field(sa_type=Moment)
    mitigated_at: datetime | None = Field(sa_type=Moment)
    mitigated_by: str = later("''")
    duplicate_of: str = later("''")
    received_at: datetime | None = Field(sa_type=Moment)
    is_drill: bool = later("false")


class AlertRow(SQLModel, table=True):
    """An alert of a source, by its identity."""

    __tablename__ = "alerts"
    # Alerts whose source tells no start are found by their name, while they fire.
    __table_args__ = (partial("alerts_live", ["source", "fingerprint"], "is_firing"),)
    identity: str = Field(primary_key=True)
    """Source, fingerprint and start in one text, so that many are looked up by one list."""
    source: str
    fingerprint: str
    started: str
    incident: str = Field(foreign_key="incidents.id", index=True)
    is_firing: bool
    title: str
    labels: Any = plain_json()
    received_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(sa_type=Moment)


class EscalationRow(SQLModel, table=True):
    __tablename__ = "escalations"
    __table_args__ = (partial("escalations_due", ["wake_at"], "wake_at IS NOT NULL"),)
    incident: str = Field(primary_key=True, foreign_key="incidents.id")
    policy_version: str
    started_at: datetime = Field(sa_type=Moment)
    next_step: int
    wake_at: datetime | None = Field(sa_type=Moment)
    state: str
    declined: Any = Field(sa_column=Column(JSON, nullable=True))
    called: Any = Field(sa_column=Column(JSON, nullable=True))
    because: str = later("''")
    caller: str = later("''")
    speed: int = later("1")
    round: int
    """How often the climb began anew: part of a notification's key, so that a second climb pages again."""


class TimelineRow(SQLModel, table=True):
    __tablename__ = "timeline"
    id: str = Field(primary_key=True)
    incident: str = Field(foreign_key="incidents.id", index=True)
    at: datetime = Field(sa_type=Moment)
    event: str
    by: str
    details: Any = plain_json()
