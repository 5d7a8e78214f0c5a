"""Post-mortems and their versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    incident = sa.ForeignKey("incidents.id")
    op.create_table(
        "postmortems",
        sa.Column("incident", sa.String(), incident, primary_key=True),
        sa.Column("state", sa.String(), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "postmortem_versions",
        sa.Column("incident", sa.String(), sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
