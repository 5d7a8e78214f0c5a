"""Which process says when Slack is back, so that another does when it dies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("outages", sa.Column("holder", sa.String(), nullable=False, server_default=sa.text("''")))
