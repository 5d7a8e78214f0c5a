"""The tables of the catalog: who there is, what they look after, and how often it changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from storage.columns import later, plain_json, sealed_json


class CatalogRevision(SQLModel, table=True):
    """One row: another number with every change of the catalog, so that a cached directory knows that it is old."""

    __tablename__ = "catalog_revision"
    id: int = Field(primary_key=True)
    revision: int


class PersonRow(SQLModel, table=True):
    __tablename__ = "people"
    id: str = Field(primary_key=True)
    handle: str = Field(unique=True)
    name: str
    email: str
    phone: str
    slack: str
    role: str
    locale: str
    is_active: bool


class TeamRow(SQLModel, table=True):
    __tablename__ = "teams"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    channel: str
    lead: str
    members: Any = plain_json()
    locale: str
    on_call: Any = sealed_json()
    digest: bool = later("false")
    user_group: str = later("''")
    response: Any = Field(sa_column=Column(JSON, nullable=True))


class ServiceRow(SQLModel, table=True):
    __tablename__ = "services"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    team: str
    aliases: Any = plain_json()
    auto_resolve: bool
    stakeholders: Any = Field(sa_column=Column(JSON, nullable=True))
