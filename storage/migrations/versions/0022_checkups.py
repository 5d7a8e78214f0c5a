"""Monthly tests, and who can't be reached for sure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("trials", sa.Column("is_monthly", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.create_table(
        "checkups",
        sa.Column("person", sa.String(), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doubts", sa.JSON(), nullable=False),
    )
