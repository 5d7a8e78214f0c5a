"""How long things are kept: incidents by when they were over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    where = sa.text("resolved_at IS NOT NULL")
    op.create_index("incidents_by_resolution", "incidents", ["resolved_at"], sqlite_where=where, postgresql_where=where)
