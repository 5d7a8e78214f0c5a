"""Answers by SMS, and the short numbers that they name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "sms_replies",
        sa.Column("id", sa.String(), primary_key=True),
        _text("number"),
        _text("message"),
        _moment("written_at"),
        _moment("taken_at"),
        _text("incident"),
        _text("answer"),
        _text("locale"),
        sa.Column("details", sa.JSON(), nullable=False),
    )
    op.create_index("sms_replies_by_number", "sms_replies", ["number", "taken_at"])
    op.create_index("ix_sms_replies_taken_at", "sms_replies", ["taken_at"])
    op.create_table(
        "short_numbers",
        sa.Column("incident", sa.String(), sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        _moment("given_at"),
    )
    op.create_index("ix_short_numbers_given_at", "short_numbers", ["given_at"])
    op.create_index("notifications_by_address", "notifications", ["address", "sent_at"])
