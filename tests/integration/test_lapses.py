"""What was overlooked is found by indexes alone: a million incidents cost nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Select, text

from storage import lapses
from storage.store import Store, Transaction

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
SINCE, BEFORE = NOW - timedelta(hours=2), NOW - timedelta(minutes=2)
QUERIES: dict[str, Callable[[], Select[Any]]] = {
    "late climbs": lambda: lapses.late_climbs_query(NOW),
    "leases over": lambda: lapses.leases_over_query(NOW),
    "lost pages": lambda: lapses.lost_pages_query(NOW),
    "no card": lambda: lapses.without_card_query(SINCE, BEFORE),
    "no climb": lambda: lapses.without_climb_query(SINCE, BEFORE),
    "not said": lambda: lapses.not_said_query(SINCE, BEFORE),
    "held back": lambda: lapses.held_back_query(SINCE, BEFORE),
}
MANY = 20_000
"""Enough for a planner to see that reading all of them is dear."""


@pytest.fixture(params=("sqlite", "postgresql"))
def crowded(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A database with many incidents of long ago: resolved, climbed to their end, paged for and shown."""
    store = Store(request.getfixturevalue(f"{request.param}_url"))
    store.write_now(_fill)
    store.write_now(lambda tx: tx.execute(text("ANALYZE")))
    yield store
    store.close()


def _fill(tx: Transaction) -> None:
    numbers = f"generate_series(1, {MANY}) AS n(n)"
    if tx.dialect.name == "sqlite":
        numbers = (
            f"(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {MANY}) SELECT n FROM c) n"
        )
    at = {"at": "2026-01-01 03:00:00.000000"} if tx.dialect.name == "sqlite" else {"at": NOW - timedelta(days=59)}
    empty = [
        "title",
        "description",
        "service",
        "team",
        "lead",
        "source",
        "group_key",
        "url",
        "channel",
        "acknowledged_by",
        "acknowledged_slack",
        "resolved_by",
        "resolution_note",
        "root_cause",
    ]
    columns, values = ", ".join(empty), ", ".join(["''"] * len(empty))
    for statement in (
        f"INSERT INTO incidents (id, short_id, severity, status, policy_version, detected_at, created_at, {columns}) "
        f"SELECT 'i' || n, 'INC-' || n, 'SEV1_CRITICAL', 'RESOLVED', 'p', :at, :at, {values} FROM {numbers}",
        "INSERT INTO escalations (incident, policy_version, started_at, next_step, state, round) "
        "SELECT id, 'p', created_at, 1, 'stopped', 0 FROM incidents",
        "INSERT INTO notifications (id, dedup_key, incident, step, channel, person, name, address, locale, message, "
        "why, state, bundled_steps, fallback_of, decided_at, reference, failure) SELECT 'n' || id, 'k' || id, id, 1, "
        "'SMS', '', '', '', '', '', '', 'sent', '[]', '', created_at, '', '' FROM incidents",
        "INSERT INTO messages (key, incident, channel, ts) SELECT 'card:' || id, id, 'C1', '1' FROM incidents",
        "INSERT INTO timeline (id, incident, at, event, by, details) "
        "SELECT 't' || id, id, created_at, 'policy_exhausted', '', '{}' FROM incidents",
    ):
        tx.execute(text(statement), at)


def test_nothing_is_found_where_nothing_is_missing(crowded: Store) -> None:
    for query in (make() for make in QUERIES.values()):
        assert crowded.read_now(partial(_all, query)) == []


def test_a_look_reads_an_index(crowded: Store) -> None:
    for name, make in QUERIES.items():
        plan = _plan(crowded, make())
        scans = [line for line in plan if "Seq Scan" in line or line.split()[3:4] == ["SCAN"]]
        # What waits to leave, and what a storm has gathered, is little; PostgreSQL reads a little table as it is.
        assert not [line for line in scans if not re.search("outbox|bundled", line)], "\n".join([name, *plan])


def _all(query: Select[Any], tx: Transaction) -> list[Any]:
    return list(tx.execute(query))


def _plan(store: Store, query: Select[Any]) -> list[str]:
    written = str(query.compile(store.engine, compile_kwargs={"literal_binds": True})).replace("%", "%%")
    explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
    return store.read_now(lambda tx: [" ".join(map(str, row)) for row in tx.exec_driver_sql(f"{explain} {written}")])
