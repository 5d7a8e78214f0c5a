"""Tables of escalation policies, their versions, and what is being written of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Field, SQLModel

from storage.columns import sealed_json
from storage.moments import Moment


class PolicyRow(SQLModel, table=True):
    """A policy's identity; what it says is in its versions."""

    __tablename__ = "policies"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    current_version: str
    is_active: bool


class PolicyVersionRow(SQLModel, table=True):
    """What a policy said at one time; never changed."""

    __tablename__ = "policy_versions"
    id: str = Field(primary_key=True)
    policy: str = Field(foreign_key="policies.id", index=True)
    version: int
    content: Any = sealed_json()
    created_at: datetime | None = Field(sa_type=Moment)
    created_by: str = Field(sa_column_kwargs={"server_default": text("''")})


class DraftRow(SQLModel, table=True):
    """A policy that somebody is writing and has not saved; "" is a new one."""

    __tablename__ = "drafts"
    author: str = Field(primary_key=True)
    policy: str = Field(primary_key=True)
    base: str
    """The id of the version that it began from."""
    edition: int
    changed_at: datetime = Field(sa_type=Moment)
    content: Any = sealed_json()
