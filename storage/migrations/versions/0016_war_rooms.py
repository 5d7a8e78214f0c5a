"""Grave incidents: war rooms, and what a team has done about them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def _column(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def upgrade() -> None:
    op.add_column("teams", sa.Column("response", sa.JSON(), nullable=True))
    op.add_column("services", sa.Column("stakeholders", sa.JSON(), nullable=True))
    op.create_table(
        "war_rooms",
        sa.Column("incident", sa.String(), sa.ForeignKey("incidents.id"), primary_key=True),
        *(_column(name, sa.String()) for name in ("state", "name")),
        _column("taken", sa.Integer()),
        _column("is_begun", sa.Boolean()),
        sa.Column("channel", sa.String(), nullable=False, index=True),
        _column("asked_by", sa.String()),
        *(_column(name, sa.JSON()) for name in ("guests", "invited")),
        _column("topic", sa.Text()),
        *(_column(name, sa.Boolean()) for name in ("is_carded", "is_pinned")),
        _column("bookmark", sa.String()),
        _column("bookmarked", sa.Text()),
        _column("is_summed_up", sa.Boolean()),
        _column("given_up", sa.JSON()),
        *map(_moment, ("wake_at", "opened_at", "archived_at")),
    )
    op.create_index(
        "war_rooms_due",
        "war_rooms",
        ["wake_at"],
        sqlite_where=sa.text("wake_at IS NOT NULL"),
        postgresql_where=sa.text("wake_at IS NOT NULL"),
    )
