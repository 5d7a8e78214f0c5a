"""What was merged is found by the group that it was of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    merged = sa.text("duplicate_of <> ''")
    op.create_index(
        "duplicates_by_group", "incidents", ["source", "group_key"], sqlite_where=merged, postgresql_where=merged
    )
