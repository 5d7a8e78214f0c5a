"""Tables of runbooks, their versions, and what is being written of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Field, SQLModel

from storage.columns import plain_json
from storage.moments import Moment
from storage.vault import SealedDocument


class RunbookRow(SQLModel, table=True):
    """A runbook's identity; what it says is in its versions."""

    __tablename__ = "runbooks"
    id: str = Field(primary_key=True)
    title: str = Field(unique=True)
    current_version: str
    is_active: bool


class RunbookVersionRow(SQLModel, table=True):
    """What a runbook said at one time; never changed."""

    __tablename__ = "runbook_versions"
    id: str = Field(primary_key=True)
    runbook: str = Field(foreign_key="runbooks.id", index=True)
    version: int
    content: Any = plain_json()
    created_at: datetime | None = Field(sa_type=Moment)
    created_by: str = Field(sa_column_kwargs={"server_default": text("''")})


class RunbookDraftRow(SQLModel, table=True):
    """A runbook that somebody is writing and has not saved; "" is a new one."""

    __tablename__ = "runbook_drafts"
    author: str = Field(primary_key=True)
    runbook: str = Field(primary_key=True)
    base: str
    """The id of the version that it began from."""
    edition: int
    changed_at: datetime = Field(sa_type=Moment)
    content: Any = plain_json()


class ImportRow(SQLModel, table=True):
    """YAML that somebody looks at before it is imported."""

    __tablename__ = "imports"
    author: str = Field(primary_key=True)
    file: str
    text: str = Field(sa_type=SealedDocument)
    changed_at: datetime = Field(sa_type=Moment)
