"""Four eyes, rolling back a whole run, carrying one over to a newer version, a step that takes too long."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _incident() -> sa.Column[str]:
    return sa.Column("incident", sa.String(), sa.ForeignKey("incidents.id"), nullable=False, index=True)


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(), primary_key=True),
        _incident(),
        _text("run"),
        sa.Column("order", sa.Integer(), nullable=False),
        *map(_text, ("wish", "by_key", "by_name", "by_person", "by_slack", "note")),
        *map(_moment, ("asked_at", "expires_at")),
        sa.Column("state", sa.String(), nullable=False, index=True),
        _text("decided_by"),
        _moment("decided_at", nullable=True),
        _text("reason"),
    )
    op.create_table(
        "past_runs",
        sa.Column("id", sa.String(), primary_key=True),
        _incident(),
        _text("runbook_version"),
        *map(_moment, ("started_at", "finished_at")),
        sa.Column("carried_to", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("steps", sa.JSON(), nullable=False),
    )
    op.add_column("runs", _moment("aborted_at", nullable=True))
    op.add_column("runs", sa.Column("aborted_by", sa.String(), nullable=False, server_default=""))
    op.add_column("runs", _moment("wake_at", nullable=True))
    op.create_index("ix_runs_wake_at", "runs", ["wake_at"])
    for name in ("approved_by", "glass", "answered_by"):
        op.add_column("run_steps", sa.Column(name, sa.String(), nullable=False, server_default=""))
    for name in ("asked_at", "answered_at"):
        op.add_column("run_steps", _moment(name, nullable=True))
    op.add_column("run_steps", sa.Column("needs_help", sa.Boolean(), nullable=False, server_default=sa.text("false")))
