"""Status updates: when the next one is due, and letters to stakeholders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    incident = sa.ForeignKey("incidents.id")
    op.create_table(
        "update_watches",
        sa.Column("incident", sa.String(), incident, primary_key=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_dismissed", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "update_watches_due",
        "update_watches",
        ["wake_at"],
        sqlite_where=sa.text("wake_at IS NOT NULL"),
        postgresql_where=sa.text("wake_at IS NOT NULL"),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("incident", sa.String(), sa.ForeignKey("incidents.id"), nullable=False, index=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("address", "occasion", "entry", "state")),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
