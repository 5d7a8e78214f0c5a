"""Tables of who takes whose turn, and of calendars."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from storage.columns import partial, plain_json, sealed_json
from storage.moments import Moment
from storage.vault import Sealed


class OverrideRow(SQLModel, table=True):
    """Somebody on call in the place of somebody, or of everybody ("")."""

    __tablename__ = "overrides"
    id: str = Field(primary_key=True)
    team: str
    person: str
    instead_of: str
    start_at: datetime = Field(sa_type=Moment)
    end_at: datetime = Field(sa_type=Moment)
    reason: str = Field(sa_type=Text)
    made_by: str


class SwapRow(SQLModel, table=True):
    """Somebody asks a colleague to take a shift."""

    __tablename__ = "swaps"
    __table_args__ = (partial("swaps_asked", ["expires_at"], "state = 'asked'"),)
    id: str = Field(primary_key=True)
    team: str
    asker: str
    asked: str
    start_at: datetime = Field(sa_type=Moment)
    end_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    reason: str = Field(sa_type=Text)
    state: str


class NoticeRow(SQLModel, table=True):
    """Something to tell a person, or a team's channel, that belongs to no incident; `dedup_key` is what it is about."""

    __tablename__ = "notices"
    id: str = Field(primary_key=True)
    dedup_key: str = Field(unique=True)
    kind: str
    team: str
    person: str
    details: Any = plain_json()
    made_at: datetime = Field(sa_type=Moment, index=True)


class DutyRow(SQLModel, table=True):
    """Who was on call for a team when it was last looked at."""

    __tablename__ = "duties"
    team: str = Field(primary_key=True)
    people: Any = plain_json()


class ScheduleDraftRow(SQLModel, table=True):
    """A team's schedule that somebody is changing and has not saved; `base` is what it began from."""

    __tablename__ = "schedule_drafts"
    author: str = Field(primary_key=True)
    team: str = Field(primary_key=True)
    edition: int
    changed_at: datetime = Field(sa_type=Moment)
    base: Any = sealed_json()
    content: Any = sealed_json()


class FeedRow(SQLModel, table=True):
    """The calendar of a team or a person (`team:…`, `person:…`) by the id that its private link carries."""

    __tablename__ = "feeds"
    subject: str = Field(primary_key=True)
    feed: str = Field(unique=True)
    made_at: datetime = Field(sa_type=Moment)


class CalendarRow(SQLModel, table=True):
    """A team's calendar from outside: the last good copy, what it says, and what was wrong when it was last read."""

    __tablename__ = "calendars"
    team: str = Field(primary_key=True)
    source: str = Field(sa_type=Sealed)
    text: str = Field(sa_type=Text)
    events: Any = plain_json()
    good_at: datetime | None = Field(sa_type=Moment)
    tried_at: datetime = Field(sa_type=Moment)
    failure: str = Field(sa_type=Text)
    told_at: datetime | None = Field(sa_type=Moment)
