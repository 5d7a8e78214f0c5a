"""Numbers that come round on PostgreSQL: those of what leaves, and of the tries to send it."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    # Where the last of 2,147,483,647 was given nothing more was taken, neither alerts nor clicks: each refresh of an
    # open Home tab takes one. A wider column would be another type to what an older Vigie beside has prepared, which
    # PostgreSQL refuses. What left is deleted, so that a number is free again long before its turn comes.
    if op.get_bind().dialect.name == "postgresql":
        for sequence in ("outbox_id_seq", "notification_attempts_id_seq"):
            op.execute(f"ALTER SEQUENCE {sequence} MINVALUE -2147483648 CYCLE")
