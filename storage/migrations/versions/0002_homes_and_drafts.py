"""Home tabs, what people are writing, and messages found by their place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "homes",
        sa.Column("user", sa.String(), nullable=False, primary_key=True),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
    )
    op.create_index("ix_homes_opened_at", "homes", ["opened_at"])
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(), nullable=False, primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_drafts_changed_at", "drafts", ["changed_at"])
    op.create_index("ix_messages_ts", "messages", ["ts"])
