"""Mails to stakeholders gathered in a storm, and war rooms that it holds back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("letters", sa.Column("bundle", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_letters_bundle", "letters", ["bundle"])
    op.add_column("war_rooms", sa.Column("is_held", sa.Boolean(), nullable=False, server_default=sa.text("false")))
