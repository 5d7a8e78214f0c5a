"""Tables of pages, and of each try to send one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from storage.columns import later, partial, plain_json
from storage.moments import Moment
from storage.vault import Sealed


class NotificationRow(SQLModel, table=True):
    """One page and its receipt."""

    __tablename__ = "notifications"
    __table_args__ = (
        partial("notifications_look", ["look_at"], "look_at IS NOT NULL"),
        partial("notifications_waiting", ["decided_at"], "state = 'waiting'"),
        Index("notifications_by_address", "address", "sent_at"),
    )
    id: str = Field(primary_key=True)
    dedup_key: str = Field(sa_type=Sealed, unique=True)
    incident: str = Field(foreign_key="incidents.id", index=True)
    step: int
    channel: str
    person: str
    name: str
    address: str = Field(sa_type=Sealed)
    locale: str
    message: str = Field(sa_type=Text)
    why: str
    state: str
    bundled_steps: Any = plain_json()
    fallback_of: str
    round: int = later("0")
    decided_at: datetime = Field(sa_type=Moment)
    sent_at: datetime | None = Field(sa_type=Moment)
    reference: str
    failure: str
    would_be: str = later("''")
    rendered_at: datetime | None = Field(sa_type=Moment)
    said: str = later("''")
    delivered_at: datetime | None = Field(sa_type=Moment)
    opened_at: datetime | None = Field(sa_type=Moment)
    acknowledged_at: datetime | None = Field(sa_type=Moment)
    look_at: datetime | None = Field(sa_type=Moment)
    """When its provider is asked what became of it; null when there is nothing more to learn."""


class AttemptRow(SQLModel, table=True):
    """One try to hand a notification to its provider."""

    __tablename__ = "notification_attempts"
    id: int | None = Field(default=None, primary_key=True)
    notification: str = Field(foreign_key="notifications.id", index=True)
    number: int
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(sa_type=Moment)
    outcome: str
    reason: str
