"""When an incident's first alert came in; whether a team reads its figures every week; a runbook's runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("received_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("runs_by_version", "runs", ["runbook_version", "started_at"])
    op.add_column("teams", sa.Column("digest", sa.Boolean(), nullable=False, server_default=sa.text("false")))
