"""Tables of post-mortems: where each stands, what it said at each time, what people promised in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from storage.moments import Moment


def _due(name: str) -> Index:
    return Index(
        name,
        "wake_at",
        sqlite_where=text("wake_at IS NOT NULL"),
        postgresql_where=text("wake_at IS NOT NULL"),
    )


class PostmortemRow(SQLModel, table=True):
    """Where an incident's post-mortem stands; `wake_at` is when people are reminded of it."""

    __tablename__ = "postmortems"
    __table_args__ = (_due("postmortems_due"), Index("postmortems_by_state", "state", "team"))
    incident: str = Field(primary_key=True, foreign_key="incidents.id")
    team: str
    state: str
    step: int
    asked_by: str
    due_on: str
    wake_at: datetime | None = Field(sa_type=Moment)
    reminders: int
    version: int
    published_version: int
    published_at: datetime | None = Field(sa_type=Moment)
    published_by: str
    waived_by: str
    waived_because: str = Field(sa_type=Text)


class PostmortemVersionRow(SQLModel, table=True):
    """What a post-mortem said at one time; never changed."""

    __tablename__ = "postmortem_versions"
    incident: str = Field(primary_key=True, foreign_key="incidents.id")
    version: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Moment)
    by: str
    content: Any = Field(sa_column=Column(JSON, nullable=False))


class PostmortemDraftRow(SQLModel, table=True):
    """What somebody typed while somebody else saved: kept until they have decided what becomes of it."""

    __tablename__ = "postmortem_drafts"
    author: str = Field(primary_key=True)
    incident: str = Field(primary_key=True, index=True)
    changed_at: datetime = Field(sa_type=Moment)
    content: Any = Field(sa_column=Column(JSON, nullable=False))


class PostmortemActionRow(SQLModel, table=True):
    """Something that a person does so that it does not happen again; `wake_at` is when they are reminded."""

    __tablename__ = "postmortem_actions"
    __table_args__ = (_due("postmortem_actions_due"), Index("postmortem_actions_by_owner", "owner"))
    id: str = Field(primary_key=True)
    incident: str = Field(foreign_key="incidents.id", index=True)
    text: str = Field(sa_type=Text)
    owner: str
    due_on: str
    wake_at: datetime | None = Field(sa_type=Moment)
    reminders: int
    made_by: str
    done_at: datetime | None = Field(sa_type=Moment)
    done_by: str
