"""The table of a clock that runs faster than the world's."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.moments import Moment


class ClockAnchor(SQLModel, table=True):
    """One row, for a clock that runs faster: where it started from, so that a restart goes on and not back."""

    __tablename__ = "clock_anchor"
    id: int = Field(primary_key=True)
    speed: float
    wall: datetime = Field(sa_type=Moment)
    product: datetime = Field(sa_type=Moment)
