"""Tables of where things are in Slack."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class MessageRow(SQLModel, table=True):
    """Where something of ours lives in Slack, so that it can be edited. `key` says what it is."""

    __tablename__ = "messages"
    key: str = Field(primary_key=True)
    incident: str = Field(index=True)
    channel: str
    ts: str = Field(index=True)


class ChannelRow(SQLModel, table=True):
    """A channel's id by the name that people write, as Slack told it."""

    __tablename__ = "channels"
    name: str = Field(primary_key=True)
    channel: str
