"""The language that each Slack user has set in Slack."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "readers",
        sa.Column("user", sa.String(), nullable=False, primary_key=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_readers_asked_at", "readers", ["asked_at"])
