"""The table of what a provider has taken from this Vigie."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class CredentialRow(SQLModel, table=True):
    """A setting, by its name, and the digest of the value that worked last; the value itself is nowhere."""

    __tablename__ = "credentials"
    name: str = Field(primary_key=True)
    digest: str
