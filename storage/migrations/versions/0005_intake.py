"""Rules for alerts and mappings of tools, groups that wait, alerts without a start, tokens that expire."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "alert_rules",
        sa.Column("id", sa.String(), nullable=False, primary_key=True),
        sa.Column("name", sa.String(), nullable=False, unique=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
    )
    op.create_table(
        "alert_mappings",
        sa.Column("id", sa.String(), nullable=False, primary_key=True),
        sa.Column("name", sa.String(), nullable=False, unique=True),
        sa.Column("content", sa.JSON(), nullable=False),
    )
    op.create_table(
        "held_alerts",
        sa.Column("key", sa.String(), nullable=False, primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
    )
    op.create_index("ix_held_alerts_wake_at", "held_alerts", ["wake_at"])
    firing = sa.text("is_firing")
    op.create_index("alerts_live", "alerts", ["source", "fingerprint"], sqlite_where=firing, postgresql_where=firing)
    op.add_column("tokens", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
