"""An incident's further life: who has it, snoozed until when, mitigated when; who can't take it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for name in ("owner", "communications", "mitigated_by", "duplicate_of"):
        op.add_column("incidents", sa.Column(name, sa.String(), nullable=False, server_default=""))
    for name in ("snoozed_until", "mitigated_at"):
        op.add_column("incidents", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE incidents SET owner = lead WHERE status IN ('ACKNOWLEDGED', 'MITIGATED')")
    for name in ("declined", "called"):
        op.add_column("escalations", sa.Column(name, sa.JSON(), nullable=True))
    for name in ("because", "caller"):
        op.add_column("escalations", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("notifications", sa.Column("round", sa.Integer(), nullable=False, server_default=sa.text("0")))
