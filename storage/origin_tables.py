"""The table of what files said when they were loaded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from storage.moments import Moment
from storage.vault import SealedJSON


class OriginRow(SQLModel, table=True):
    """What a file said of a thing, as values with ids (`content`) and as it was written (`document`)."""

    __tablename__ = "origins"
    thing: str = Field(primary_key=True)
    kind: str
    name: str
    file: str
    content: Any = Field(sa_column=Column(SealedJSON, nullable=False))
    document: Any = Field(sa_column=Column(SealedJSON, nullable=False))
    loaded_at: datetime = Field(sa_type=Moment)
    loaded_by: str
