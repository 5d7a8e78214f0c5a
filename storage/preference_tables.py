"""The table of how people want to be reached."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel


class PreferenceRow(SQLModel, table=True):
    """What somebody has said of how they are reached; no row for who said nothing. Beside the people and not in them:
    an older version that writes a person leaves it alone."""

    __tablename__ = "preferences"
    person: str = Field(primary_key=True)
    channels: Any = Field(sa_column=Column(JSON, nullable=False))
    quiet: Any = Field(sa_column=Column(JSON, nullable=False))
    timezone: str
    test_pages: bool
