"""Slack user groups that follow who is on call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("teams", sa.Column("user_group", sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "user_groups",
        sa.Column("group", sa.String(), primary_key=True),
        sa.Column("users", sa.JSON(), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
    )
