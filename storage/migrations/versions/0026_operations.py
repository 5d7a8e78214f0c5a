"""What looks after the engine: oversights, sources' signs of life, which code works with these tables, what is old."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def _moment(name: str, *, is_known: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not is_known)


def _partial(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    op.create_table(
        "oversights",
        sa.Column("lapse", sa.String(), primary_key=True),
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("incident", sa.String(), nullable=False),
        _moment("since"),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False, index=True),
        _moment("over_at", is_known=False),
        sa.Column("is_mended", sa.Boolean(), nullable=False),
    )
    _partial("oversights_open", "oversights", "found_at", "over_at IS NULL")
    op.create_table("inspections", sa.Column("id", sa.Integer(), primary_key=True), _moment("at"))
    op.create_table(
        "schema_compatibility",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("oldest", sa.String(), nullable=False),
    )
    op.create_table(
        "heartbeats",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False, unique=True),
        sa.Column("content", sa.JSON(), nullable=False),
    )
    op.create_table(
        "beats",
        sa.Column("heartbeat", sa.String(), primary_key=True),
        _moment("heard_at", is_known=False),
        _moment("wake_at", is_known=False),
        sa.Column("is_silent", sa.Boolean(), nullable=False),
    )
    _partial("beats_due", "beats", "wake_at", "wake_at IS NOT NULL")
    _partial("notifications_waiting", "notifications", "decided_at", "state = 'waiting'")
    _partial("incidents_by_resolution", "incidents", "resolved_at", "resolved_at IS NOT NULL")
