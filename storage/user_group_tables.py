"""The table of Slack user groups that follow who is on call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from storage.moments import Moment


class UserGroupRow(SQLModel, table=True):
    """A group as it was set last, and why Slack refused it."""

    __tablename__ = "user_groups"
    group: str = Field(primary_key=True)
    users: Any = Field(sa_column=Column(JSON, nullable=False))
    failure: str
    set_at: datetime = Field(sa_type=Moment)
