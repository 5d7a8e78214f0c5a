"""What becomes of a page after its provider took it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
_MOMENTS = ("rendered_at", "delivered_at", "opened_at", "acknowledged_at", "look_at")


def upgrade() -> None:
    for name in _MOMENTS:
        op.add_column("notifications", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("notifications", sa.Column("said", sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_index(
        "notifications_look",
        "notifications",
        ["look_at"],
        sqlite_where=sa.text("look_at IS NOT NULL"),
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
