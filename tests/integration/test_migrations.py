"""From every schema there was, with data in it, to the one of now: the engine and the API go on with what they find."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import JSON, Boolean, DateTime, Integer, LargeBinary, MetaData, Table, insert
from sqlalchemy.types import TypeEngine

from domain.incidents import Status
from storage import catalog, dues, escalations, incidents, notifications, runs, schema, timeline
from storage.incidents import Query
from storage.migrate import configuration
from storage.store import Store, Transaction
from tests.integration.mortal import Engine, World
from tests.world import PushedClock

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
BEGUN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
STEP = {"order": 1, "delay_minutes": 0, "channels": ["SMS"], "target": {"type": "USER", "value": "ada"}}
POLICY = {
    "name": "Climb",
    "is_active": True,
    "description": "",
    "team": "",
    "severity_filter": None,
    "is_default": True,
    "steps": [STEP | {"message": "wake up", "is_active": True, "requires_postmortem": False}],
}
RUNBOOK = {
    "title": "Redis",
    "is_active": True,
    "description": "",
    "service": "s1",
    "severity_filter": None,
    "steps": [
        {
            "order": 1,
            "title": "Look",
            "description": "",
            "checklist": [],
            "command": "",
            "expected_duration": 5,
            "is_critical": False,
            "requires_confirmation": False,
            "rollback_instructions": "",
        }
    ],
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "catalog_revision": [{"id": 1, "revision": 7}],
    "people": [{"id": "p1", "handle": "ada", "name": "Ada", "phone": "+33600000001", "role": "admin",
                "is_active": True}],
    "teams": [{"id": "t1", "name": "SRE Core", "channel": "#sre-incidents", "lead": "p1", "members": ["p1"],
               "on_call": {"timezone": "Europe/Paris", "rotations": []}}],
    "services": [{"id": "s1", "name": "redis-prod", "team": "t1", "aliases": [], "auto_resolve": True}],
    "policies": [{"id": "po", "name": "Climb", "current_version": "pv", "is_active": True}],
    "policy_versions": [{"id": "pv", "policy": "po", "version": 1, "content": POLICY}],
    "runbooks": [{"id": "rb", "title": "Redis", "current_version": "rv", "is_active": True}],
    "runbook_versions": [{"id": "rv", "runbook": "rb", "version": 1, "content": RUNBOOK}],
    "incidents": [
        {"id": "i1", "short_id": "INC-AAAAAA", "title": "Down", "severity": "SEV1_CRITICAL", "status": "TRIGGERED",
         "service": "s1", "team": "t1", "source": "alertmanager", "group_key": "g1", "channel": "#sre-incidents",
         "policy_version": "pv"},
        {"id": "i2", "short_id": "INC-BBBBBB", "title": "Was down", "severity": "SEV3_MEDIUM", "status": "RESOLVED",
         "service": "s1", "team": "t1", "source": "alertmanager", "group_key": "g2", "channel": "#sre-incidents",
         "policy_version": "pv", "resolved_at": BEGUN, "acknowledged_at": BEGUN, "acknowledged_by": "Ada"},
    ],
    "alerts": [{"identity": "alertmanager\x1ff1\x1fs", "source": "alertmanager", "fingerprint": "f1", "started": "s",
                "incident": "i1", "is_firing": True, "title": "Down", "labels": {}}],
    "escalations": [{"incident": "i1", "policy_version": "pv", "next_step": 0, "wake_at": BEGUN, "state": "running",
                     "declined": None, "called": None, "round": 0}],
    "notifications": [{"id": "n1", "dedup_key": "k1", "incident": "i2", "step": 1, "channel": "SMS", "person": "p1",
                       "name": "Ada", "address": "+33600000001", "state": "sent", "bundled_steps": [],
                       "sent_at": BEGUN}],
    "notification_attempts": [{"notification": "n1", "number": 1, "outcome": "sent"}],
    "outbox": [{"kind": "card", "waiting_key": "card:i1", "lane": "posts:sre-incidents", "priority": 2,
                "incident": "i1", "state": "waiting", "attempts": 0, "is_ambiguous": False}],
    "runs": [{"id": "r1", "incident": "i1", "runbook_version": "rv", "state": "running", "finished_at": None,
              "aborted_at": None, "wake_at": None}],
    "run_steps": [{"run": "r1", "order": 1, "state": "open", "has_problem": False}],
    "timeline": [{"id": "e1", "incident": "i1", "event": "created", "by": "alertmanager", "details": {}}],
    "messages": [{"key": "card:i2", "incident": "i2", "channel": "C1", "ts": "1.1"}],
    "channels": [{"name": "sre-incidents", "channel": "C1SRE"}],
    "tokens": [{"name": "story", "hash": "h", "scopes": ["ingest"]}],
    "audit": [{"actor": "ada", "action": "person.load", "subject": "person ada", "before": None, "after": {}}],
}  # fmt: skip
"""What a small installation has, in the words of the first schema; a later one's further columns get plain values."""


@pytest.mark.parametrize("revision", schema.REVISIONS)
async def test_what_a_schema_of_the_past_has_is_gone_on_with(empty_database_url: str, revision: str) -> None:
    store = Store(empty_database_url)
    store.write_now(lambda tx: _made(tx, revision))
    schema.upgrade(store)
    assert schema.check(store).is_current
    store.read_now(_read)
    store.close()
    world, clock = World(), PushedClock()
    engine = Engine(empty_database_url, world, clock)
    assert await engine.run()
    assert world.pages.total() == 1 and next(iter(world.pages)).startswith("sms:"), world.pages
    assert world.posts["card:i1"] == 1
    opened = await engine.use_cases.incidents.listed(Query())
    assert opened[0] == 2
    await engine.close()


def _made(tx: Transaction, revision: str) -> None:
    command.upgrade(configuration(tx), revision)
    metadata = MetaData()
    metadata.reflect(tx)
    for table in metadata.sorted_tables:
        for row in ROWS.get(table.name, []):
            tx.execute(insert(table).values(_whole(table, row)))


def _whole(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """`row` as this revision's table takes it: every column that must have a value has one."""
    found = {name: value for name, value in row.items() if name in table.c}
    for column in table.c:
        is_own = column.primary_key and isinstance(column.type, Integer)
        if column.name not in found and not column.nullable and column.server_default is None and not is_own:
            found[column.name] = _plain(column.type)
    return found


def _plain(kind: TypeEngine[Any]) -> Any:
    usual: list[tuple[type[TypeEngine[Any]], Any]] = [
        (Boolean, False), (Integer, 0), (DateTime, BEGUN), (JSON, {}), (LargeBinary, b"")
    ]  # fmt: skip
    return next((value for one, value in usual if isinstance(kind, one)), "")


def _read(tx: Transaction) -> None:
    """Everything is domain values again."""
    directory = catalog.directory(tx)
    assert directory.service_by_name("redis-prod") and directory.person_by_handle("ada")
    assert [policy.name for policy in directory.policies.values()] == ["Climb"]
    found = incidents.by_ids(tx, ["i1", "i2"])
    assert found["i1"].status is Status.TRIGGERED and found["i2"].resolved_at == BEGUN
    assert escalations.due(tx, BEGUN + timedelta(minutes=1), 10) == ["i1"]
    assert runs.by_incidents(tx, ["i1"])["i1"].current == 1
    assert [entry.event.value for entry in timeline.of_incident(tx, "i1")] == ["created"]
    assert notifications.by_ids(tx, ["n1"])["n1"].recipient.name == "Ada"
    assert dues.lanes(tx) == ["posts:sre-incidents"]


KILLED = """
import os, signal, sys
from sqlalchemy import event
from storage import schema
from storage.store import Store

left = int(sys.argv[2])

def count(*told):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

store = Store(sys.argv[1])
event.listen(store.engine, "before_cursor_execute", count)
schema.upgrade(store)
store.close()
"""


@pytest.mark.parametrize("statements", [3, 40, 150])
def test_an_upgrade_that_is_killed_leaves_what_was_there(empty_database_url: str, statements: int) -> None:
    first = schema.REVISIONS[0]
    store = Store(empty_database_url)
    store.write_now(lambda tx: _made(tx, first))
    store.close()
    killed = subprocess.run([sys.executable, "-c", KILLED, empty_database_url, str(statements)], check=False)
    assert killed.returncode == -signal.SIGKILL
    store = Store(empty_database_url)
    assert schema.check(store).revision == first
    schema.upgrade(store)
    assert schema.check(store).is_current
    store.read_now(_read)
    store.close()
