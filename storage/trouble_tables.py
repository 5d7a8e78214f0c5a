"""The table of what stands in a page's way."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.moments import Moment


class TroubleRow(SQLModel, table=True):
    """A target that can't be reached, or another lasting trouble, until it works again."""

    __tablename__ = "troubles"
    name: str = Field(primary_key=True)
    trouble: str
    label: str
    detail: str
    since: datetime = Field(sa_type=Moment)
