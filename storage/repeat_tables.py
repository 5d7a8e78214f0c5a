"""The table of requests that may come again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from storage.moments import Moment


class RepeatRow(SQLModel, table=True):
    """A request that brought an Idempotency-Key, and what it was answered; `status` is 0 until it is."""

    __tablename__ = "repeats"
    key: str = Field(primary_key=True)
    request: str
    begun_at: datetime = Field(sa_type=Moment, index=True)
    status: int
    etag: str
    location: str
    body: bytes = Field(sa_type=LargeBinary)
