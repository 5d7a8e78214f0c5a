"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _organisation()
    _tokens_and_audit()
    _runbooks_and_policies()
    _incidents()
    _what_incidents_have()
    _runs()
    _notifications()
    _outbox()
    _slack_and_clock()
    _homes_and_drafts()


def _organisation() -> None:
    op.create_table(
        "people",
        text("id", primary_key=True),
        text("handle", unique=True),
        *texts("name", "email", "phone", "slack", "role", "locale"),
        boolean("is_active"),
    )
    op.create_table(
        "teams",
        text("id", primary_key=True),
        text("name", unique=True),
        *texts("channel", "lead"),
        json("members"),
        *texts("locale"),
        json("on_call"),
    )
    op.create_table(
        "services",
        text("id", primary_key=True),
        text("name", unique=True),
        *texts("team"),
        json("aliases"),
        boolean("auto_resolve"),
    )
    op.create_table(
        "catalog_revision",
        integer("id", primary_key=True),
        integer("revision"),
    )


def _tokens_and_audit() -> None:
    op.create_table(
        "tokens",
        text("name", primary_key=True),
        text("hash", unique=True),
        json("scopes"),
        time("created_at"),
        time("last_used_at", nullable=True),
        time("revoked_at", nullable=True),
    )
    op.create_table(
        "audit",
        integer("id", primary_key=True),
        time("at"),
        *texts("actor", "action", "subject"),
        json("before", nullable=True),
        json("after", nullable=True),
    )


def _runbooks_and_policies() -> None:
    op.create_table(
        "runbooks",
        text("id", primary_key=True),
        text("title", unique=True),
        *texts("current_version"),
        boolean("is_active"),
    )
    op.create_table(
        "runbook_versions",
        text("id", primary_key=True),
        text("runbook", sa.ForeignKey("runbooks.id")),
        integer("version"),
        json("content"),
        time("created_at", nullable=True),
        *texts("created_by"),
    )
    op.create_index("ix_runbook_versions_runbook", "runbook_versions", ["runbook"])
    op.create_table(
        "policies",
        text("id", primary_key=True),
        text("name", unique=True),
        *texts("current_version"),
        boolean("is_active"),
    )
    op.create_table(
        "policy_versions",
        text("id", primary_key=True),
        text("policy", sa.ForeignKey("policies.id")),
        integer("version"),
        json("content"),
        time("created_at", nullable=True),
        *texts("created_by"),
    )
    op.create_index("ix_policy_versions_policy", "policy_versions", ["policy"])


def _incidents() -> None:
    op.create_table(
        "incidents",
        text("id", primary_key=True),
        text("short_id", unique=True),
        *texts("title"),
        long("description"),
        *texts(
            "severity", "status", "service", "team", "lead", "source", "group_key", "url", "channel", "policy_version"
        ),
        time("detected_at"),
        time("created_at"),
        time("acknowledged_at", nullable=True),
        *texts("acknowledged_by", "acknowledged_slack"),
        time("resolved_at", nullable=True),
        *texts("resolved_by"),
        long("resolution_note"),
        long("root_cause"),
    )
    op.create_index("incidents_by_creation", "incidents", ["created_at"])
    op.create_index("incidents_by_status", "incidents", ["status", "created_at"])
    partial_index(
        "one_open_incident_a_group",
        "incidents",
        ["source", "group_key"],
        "status <> 'RESOLVED' AND group_key <> ''",
        unique=True,
    )


def _what_incidents_have() -> None:
    op.create_table(
        "alerts",
        text("identity", primary_key=True),
        *texts("source", "fingerprint", "started"),
        text("incident", sa.ForeignKey("incidents.id")),
        boolean("is_firing"),
        *texts("title"),
        json("labels"),
        time("received_at"),
        time("ended_at", nullable=True),
    )
    op.create_index("ix_alerts_incident", "alerts", ["incident"])
    op.create_table(
        "escalations",
        text("incident", sa.ForeignKey("incidents.id"), primary_key=True),
        *texts("policy_version"),
        time("started_at"),
        integer("next_step"),
        time("wake_at", nullable=True),
        *texts("state"),
        integer("round"),
    )
    partial_index("escalations_due", "escalations", ["wake_at"], "wake_at IS NOT NULL")
    op.create_table(
        "timeline",
        text("id", primary_key=True),
        text("incident", sa.ForeignKey("incidents.id")),
        time("at"),
        *texts("event", "by"),
        json("details"),
    )
    op.create_index("ix_timeline_incident", "timeline", ["incident"])


def _runs() -> None:
    op.create_table(
        "runs",
        text("id", primary_key=True),
        text("incident", sa.ForeignKey("incidents.id"), unique=True),
        *texts("runbook_version", "state"),
        time("started_at"),
        time("finished_at", nullable=True),
    )
    op.create_table(
        "run_steps",
        text("run", sa.ForeignKey("runs.id"), primary_key=True),
        integer("order", primary_key=True),
        *texts("state"),
        boolean("has_problem"),
        *texts("note", "by", "confirmed_by"),
        time("started_at", nullable=True),
        time("finished_at", nullable=True),
    )


def _notifications() -> None:
    op.create_table(
        "notifications",
        text("id", primary_key=True),
        text("dedup_key", unique=True),
        text("incident", sa.ForeignKey("incidents.id")),
        integer("step"),
        *texts("channel", "person", "name", "address", "locale"),
        long("message"),
        *texts("why", "state"),
        json("bundled_steps"),
        *texts("fallback_of"),
        time("decided_at"),
        time("sent_at", nullable=True),
        *texts("reference", "failure"),
    )
    op.create_index("ix_notifications_incident", "notifications", ["incident"])
    op.create_table(
        "notification_attempts",
        integer("id", primary_key=True),
        text("notification", sa.ForeignKey("notifications.id")),
        integer("number"),
        time("started_at"),
        time("finished_at", nullable=True),
        *texts("outcome", "reason"),
    )
    op.create_index("ix_notification_attempts_notification", "notification_attempts", ["notification"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        integer("id", primary_key=True),
        *texts("kind", "waiting_key", "lane"),
        integer("priority"),
        *texts("incident", "subject", "state"),
        time("due_at"),
        integer("attempts"),
        boolean("is_ambiguous"),
        *texts("holder"),
    )
    op.create_index("outbox_by_incident", "outbox", ["incident"])
    partial_index("outbox_due", "outbox", ["lane", "priority", "due_at"], "state = 'waiting'")
    partial_index("outbox_one_waiting", "outbox", ["waiting_key"], "state = 'waiting'", unique=True)
    partial_index("outbox_sending", "outbox", ["waiting_key"], "state = 'sending'")


def _homes_and_drafts() -> None:
    op.create_table(
        "homes",
        text("user", primary_key=True),
        time("opened_at"),
        *texts("section", "search"),
        integer("page"),
    )
    op.create_index("ix_homes_opened_at", "homes", ["opened_at"])
    op.create_table(
        "drafts",
        text("author", primary_key=True),
        text("policy", primary_key=True),
        *texts("base"),
        integer("edition"),
        time("changed_at"),
        json("content"),
    )


def _slack_and_clock() -> None:
    op.create_table(
        "messages",
        text("key", primary_key=True),
        *texts("incident", "channel", "ts"),
    )
    op.create_index("ix_messages_incident", "messages", ["incident"])
    op.create_table(
        "channels",
        text("name", primary_key=True),
        *texts("channel"),
    )
    op.create_table(
        "inbox",
        text("event", primary_key=True),
        time("received_at"),
    )
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    op.create_table(
        "clock_anchor",
        integer("id", primary_key=True),
        number("speed"),
        time("wall"),
        time("product"),
    )


def text(name: str, *more: Any, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), *more, nullable=nullable, **options)


def time(name: str, *more: Any, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), *more, nullable=nullable, **options)


def integer(name: str, *more: Any, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), *more, nullable=nullable, **options)


def boolean(name: str, *more: Any, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), *more, nullable=nullable, **options)


def json(name: str, *more: Any, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), *more, nullable=nullable, **options)


def long(name: str, *more: Any, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), *more, nullable=nullable, **options)


def number(name: str, *more: Any, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Float(), *more, nullable=nullable, **options)


def texts(*names: str) -> list[sa.Column[Any]]:
    return [text(name) for name in names]


def partial_index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
