"""Tables of storms: what readers had lately, messages for many pages, and what is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from storage.columns import partial
from storage.moments import Moment


class AllowanceRow(SQLModel, table=True):
    """What one reader had lately by one channel (`SMS:+336…`), and the message that gathers for them."""

    __tablename__ = "allowances"
    key: str = Field(primary_key=True)
    recent: Any = Field(sa_column=Column(JSON, nullable=False))
    bundle: str
    changed_at: datetime = Field(sa_type=Moment, index=True)


class BundleRow(SQLModel, table=True):
    """One message for many pages."""

    __tablename__ = "bundles"
    __table_args__ = (partial("bundles_open_digests", ["joined_at"], "is_digest AND closed_at IS NULL"),)
    id: str = Field(primary_key=True)
    allowance: str
    is_digest: bool
    channel: str
    address: str
    person: str
    name: str
    locale: str
    team: str
    opened_at: datetime = Field(sa_type=Moment)
    joined_at: datetime = Field(sa_type=Moment)
    sent_at: datetime | None = Field(sa_type=Moment)
    closed_at: datetime | None = Field(sa_type=Moment)


class BundledRow(SQLModel, table=True):
    """An incident in a message for many; `notification` is "" for a card that is held."""

    __tablename__ = "bundled"
    bundle: str = Field(primary_key=True)
    incident: str = Field(primary_key=True, index=True)
    notification: str = Field(primary_key=True)
