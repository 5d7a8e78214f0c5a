"""Drills: incidents that nobody has, at a speed of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "drills",
        sa.Column("incident", sa.String(), sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("speed", sa.Integer(), nullable=False),
        sa.Column("participants", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column("incidents", sa.Column("is_drill", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    for name in ("escalations", "runs"):
        op.add_column(name, sa.Column("speed", sa.Integer(), nullable=False, server_default=sa.text("1")))
    op.add_column("notifications", sa.Column("would_be", sa.String(), nullable=False, server_default=sa.text("''")))
