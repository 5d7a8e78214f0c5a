"""Runbooks being written, and YAML about to be imported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "runbook_drafts",
        sa.Column("author", sa.String(), nullable=False, primary_key=True),
        sa.Column("runbook", sa.String(), nullable=False, primary_key=True),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
    )
    op.create_table(
        "imports",
        sa.Column("author", sa.String(), nullable=False, primary_key=True),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
