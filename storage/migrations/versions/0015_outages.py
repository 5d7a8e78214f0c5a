"""The times without Slack, and the incidents of which pages went another way meanwhile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "outages",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
    )
    op.create_table(
        "detours",
        sa.Column("outage", sa.String(), primary_key=True),
        sa.Column("incident", sa.String(), primary_key=True),
    )
