"""How people want to be reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("person", sa.String(), primary_key=True),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("quiet", sa.JSON(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("test_pages", sa.Boolean(), nullable=False),
    )
