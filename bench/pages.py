"""Lateness of pages: the provider's receipt less the moment they were due, with 10,000 incidents open."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import client
from bench.doubles_process import Doubles
from bench.stage import GUIDE, database, prepare, started, wait_ready
from bench.table import Figure, at_most

OPEN = 10_048
POLICY = """
Policy: Half an hour
Default: true
Steps:
  1: {delay: 30 minutes, type: SMS, target: ON_CALL, message: "{incident.short_id}"}
"""


async def measure(due: int) -> list[Figure]:
    """`due` SMS at one moment among 10,000 open incidents, on a Vigie that has been running all along."""
    with Doubles() as doubles, database() as settings:
        policy = Path(settings["FOLDER"]) / "policy.yaml"
        policy.write_text(POLICY)
        environment = {**settings, **doubles.environment}
        token = prepare(environment, GUIDE[0], str(policy))
        with started("bot", "run", environment=environment, port=int(settings["PORT"])) as vigie:
            await wait_ready(vigie.port)
            await client.send(vigie.port, token, client.alert, OPEN, 64)
            await asyncio.sleep(3)
            moment = datetime.now(UTC) + timedelta(seconds=9)
            _make_due(Path(settings["FOLDER"]) / "vigie.db", due, moment)
            await asyncio.sleep(9 + 2 + due / 200)
            late = sorted((at - moment.timestamp()) * 1000 for at in doubles.ask("sms"))
    p50, p99 = late[len(late) // 2], late[int(len(late) * 0.99)]
    assert len(late) == due, f"{len(late)} of {due} pages came"
    what = f"{due} pages due among {OPEN - OPEN % 1000:,} open"
    goal = {1: 20.0, 100: 100.0, 1000: 500.0}[due]
    return [Figure(f"{what}: p50", f"{p50:.0f} ms late"), at_most(f"{what}: p99", p99, goal, "ms")]


def _make_due(database_file: Path, due: int, moment: datetime) -> None:
    """Move the climbs of `due` incidents to one moment, beside the running process: WAL lets us."""
    connection = sqlite3.connect(database_file, timeout=10)
    some = f"SELECT incident FROM escalations LIMIT {due}"
    values = (_text(moment), _text(moment - timedelta(minutes=30)))
    connection.execute(f"UPDATE escalations SET wake_at = ?, started_at = ? WHERE incident IN ({some})", values)
    connection.commit()
    connection.close()


def _text(moment: datetime) -> str:
    return moment.isoformat(" ", "microseconds")[:26]
