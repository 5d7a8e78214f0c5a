"""What belongs to an incident is found by it where it is forgotten."""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    for table in ("detours", "oversights", "postmortem_drafts", "sms_replies"):
        op.create_index(f"ix_{table}_incident", table, ["incident"])
