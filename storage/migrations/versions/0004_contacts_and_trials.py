"""Contacts that were proved, the codes that prove them, and the pages that people try out on themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "verified_contacts",
        sa.Column("person", sa.String(), nullable=False, primary_key=True),
        sa.Column("contact", sa.String(), nullable=False, primary_key=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "contact_codes",
        sa.Column("id", sa.String(), nullable=False, primary_key=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("hashes", sa.JSON(), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
    )
    op.create_index("contact_codes_by_person", "contact_codes", ["person", "contact", "made_at"])
    op.create_table(
        "trials",
        sa.Column("id", sa.String(), nullable=False, primary_key=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("one_trial_a_channel", "trials", ["person", "channel"], unique=True)
