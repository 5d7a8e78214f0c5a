"""The table of API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from storage.columns import plain_json
from storage.moments import Moment


class TokenRow(SQLModel, table=True):
    """An API token, by its hash."""

    __tablename__ = "tokens"
    name: str = Field(primary_key=True)
    hash: str = Field(unique=True)
    scopes: Any = plain_json()
    created_at: datetime = Field(sa_type=Moment)
    last_used_at: datetime | None = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(sa_type=Moment)
    expires_at: datetime | None = Field(sa_type=Moment)
