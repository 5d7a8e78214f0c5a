"""Home tabs, policies being written, who made a version, and messages found by their place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "homes",
        sa.Column("user", sa.String(), nullable=False, primary_key=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("search", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
    )
    op.create_index("ix_homes_opened_at", "homes", ["opened_at"])
    op.create_table(
        "drafts",
        sa.Column("author", sa.String(), nullable=False, primary_key=True),
        sa.Column("policy", sa.String(), nullable=False, primary_key=True),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
    )
    for table in ("runbook_versions", "policy_versions"):
        op.add_column(table, sa.Column("created_at", sa.DateTime(timezone=True), nullable=True))
        # Of what was written before, nobody kept by whom.
        op.add_column(table, sa.Column("created_by", sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_messages_ts", "messages", ["ts"])
