"""Post-mortems: where each stands, their versions, what two people wrote at once, and actions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    _standing()
    _written()
    _promised()


def _standing() -> None:
    op.create_table(
        "postmortems",
        _incident(primary_key=True),
        _text("team"),
        _text("state"),
        _number("step"),
        _text("asked_by"),
        _text("due_on"),
        _moment("wake_at", nullable=True),
        _number("reminders"),
        _number("version"),
        _number("published_version"),
        _moment("published_at", nullable=True),
        _text("published_by"),
        _text("waived_by"),
        sa.Column("waived_because", sa.Text(), nullable=False),
    )
    _due("postmortems_due", "postmortems")
    op.create_index("postmortems_by_state", "postmortems", ["state", "team"])


def _written() -> None:
    op.create_table(
        "postmortem_versions",
        _incident(primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, nullable=False),
        _moment("at"),
        _text("by"),
        sa.Column("content", sa.JSON(), nullable=False),
    )
    op.create_table(
        "postmortem_drafts",
        sa.Column("author", sa.String(), primary_key=True, nullable=False),
        sa.Column("incident", sa.String(), primary_key=True, nullable=False),
        _moment("changed_at"),
        sa.Column("content", sa.JSON(), nullable=False),
    )


def _promised() -> None:
    op.create_table(
        "postmortem_actions",
        sa.Column("id", sa.String(), primary_key=True, nullable=False),
        _incident(),
        sa.Column("text", sa.Text(), nullable=False),
        _text("owner"),
        _text("due_on"),
        _moment("wake_at", nullable=True),
        _number("reminders"),
        _text("made_by"),
        _moment("done_at", nullable=True),
        _text("done_by"),
    )
    _due("postmortem_actions_due", "postmortem_actions")
    op.create_index("postmortem_actions_by_owner", "postmortem_actions", ["owner"])
    op.create_index("ix_postmortem_actions_incident", "postmortem_actions", ["incident"])


def _incident(*, primary_key: bool = False) -> sa.Column[str]:
    column = sa.ForeignKey("incidents.id")
    return sa.Column("incident", sa.String(), column, primary_key=primary_key, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _due(name: str, table: str) -> None:
    where = sa.text("wake_at IS NOT NULL")
    op.create_index(name, table, ["wake_at"], sqlite_where=where, postgresql_where=where)
