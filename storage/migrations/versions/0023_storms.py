"""Storms: what readers had lately, messages for many pages, and what is in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "allowances",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("recent", sa.JSON(), nullable=False),
        sa.Column("bundle", sa.String(), nullable=False),
        sa.Column("changed_at", moment, nullable=False, index=True),
    )
    texts = ("allowance", "channel", "address", "person", "name", "locale", "team")
    op.create_table(
        "bundles",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("is_digest", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("joined_at", moment, nullable=False),
        sa.Column("sent_at", moment, nullable=True),
        sa.Column("closed_at", moment, nullable=True),
    )
    is_open = sa.text("is_digest AND closed_at IS NULL")
    op.create_index("bundles_open_digests", "bundles", ["joined_at"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "bundled",
        sa.Column("bundle", sa.String(), primary_key=True),
        sa.Column("incident", sa.String(), primary_key=True, index=True),
        sa.Column("notification", sa.String(), primary_key=True),
    )
