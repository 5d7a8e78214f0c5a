"""What became of telephone calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("notification", sa.String(), sa.ForeignKey("notifications.id"), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("keys", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
