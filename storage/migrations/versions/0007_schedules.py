"""On-call schedules: who stands in for whom, what is asked and told, drafts, calendars out and in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _stand_ins()
    _told()
    _written()
    _calendars()


def _stand_ins() -> None:
    op.create_table(
        "overrides",
        text("id", primary_key=True),
        text("team"),
        text("person"),
        text("instead_of"),
        moment("start_at"),
        moment("end_at"),
        long_text("reason"),
        text("made_by"),
    )
    op.create_table(
        "swaps",
        text("id", primary_key=True),
        text("team"),
        text("asker"),
        text("asked"),
        moment("start_at"),
        moment("end_at"),
        moment("expires_at"),
        long_text("reason"),
        text("state"),
    )
    asked = sa.text("state = 'asked'")
    op.create_index("swaps_asked", "swaps", ["expires_at"], sqlite_where=asked, postgresql_where=asked)


def _told() -> None:
    op.create_table(
        "notices",
        text("id", primary_key=True),
        text("dedup_key"),
        text("kind"),
        text("team"),
        text("person"),
        json("details"),
        moment("made_at"),
        sa.UniqueConstraint("dedup_key"),
    )
    op.create_index("ix_notices_made_at", "notices", ["made_at"])
    op.create_table("duties", text("team", primary_key=True), json("people"))


def _written() -> None:
    op.create_table(
        "schedule_drafts",
        text("author", primary_key=True),
        text("team", primary_key=True),
        number("edition"),
        moment("changed_at"),
        json("base"),
        json("content"),
    )


def _calendars() -> None:
    op.create_table(
        "feeds", text("subject", primary_key=True), text("feed"), moment("made_at"), sa.UniqueConstraint("feed")
    )
    op.create_table(
        "calendars",
        text("team", primary_key=True),
        text("source"),
        long_text("text"),
        json("events"),
        moment("good_at", nullable=True),
        moment("tried_at"),
        long_text("failure"),
        moment("told_at", nullable=True),
    )


def text(name: str, *, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, primary_key=primary_key)


def long_text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
