"""The table of what secrets are sealed with."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class SealingRow(SQLModel, table=True):
    """One row: the name of the key that everything secret is sealed with."""

    __tablename__ = "sealing"
    id: int = Field(primary_key=True)
    key: str
