"""A copy made while everything runs is whole, and a new process on it goes on where the old one was."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import make_url

from storage import schema
from storage.backup import NoBackup, backup
from storage.migrate import configuration
from storage.store import Store
from tests.postgresql import PostgreSQL
from tests.world import World, alert_body, read, world_on

POLICY = """
Policy: Climb
Default: true
Steps:
  1: {delay: 5 minutes, type: SMS, target: USER (ada), message: "first"}
  2: {delay: 10 minutes, type: SMS, target: USER (ada), message: "second"}
"""


async def busy(world: World, until: asyncio.Event) -> int:
    """Alerts come in without a pause; how many were taken."""
    count = 0
    while not until.is_set():
        body = alert_body(f"Noise {count}", group=f"n{count}", fingerprint=f"n{count}", severity="info")
        assert (await world.post(body))[0] == 202
        count += 1
    return count


async def copied(world: World, target: Path) -> str:
    """A backup in the middle of alerts coming in."""
    over = asyncio.Event()
    noise = asyncio.create_task(busy(world, over))
    await asyncio.sleep(0.05)
    made = await asyncio.to_thread(backup, world.app.store, target)
    over.set()
    taken = await noise
    assert 1 <= made.incidents <= taken + 1
    return made.restore


async def goes_on(now: datetime, url: str) -> None:
    """Another Vigie on the copy: the climb that was under way reaches its end."""
    async with world_on(url, catalog=[], token="copy") as other:
        other.clock.push(now - other.clock.now())
        assert (await other.get("/api/v1/incidents/?search=Redis"))[1]["count"] == 1
        await other.advance(minutes=3)
        await other.advance(minutes=5)
        texts = [sms.text for sms in other.outside.ovh.inbox.messages]
        assert any("second" in text for text in texts), texts


async def test_a_copy_of_sqlite_goes_on(sqlite_url: str, tmp_path: Path) -> None:
    target = tmp_path / "copy of vigie.db"
    async with world_on(sqlite_url, catalog=[read("alone.yaml"), POLICY]) as world:
        await world.alert()
        await world.advance(minutes=6)
        world.phone("+33600000001").expect_sms("first")
        assert "cp " in await copied(world, target)
        world.expect_what_was_said()
    await goes_on(world.clock.now(), f"sqlite:///{target}")


async def test_a_copy_of_postgresql_goes_on(
    postgresql_url: str, postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = postgresql.programs
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    target, name = tmp_path / "vigie.dump", postgresql.create()
    async with world_on(postgresql_url, catalog=[read("alone.yaml"), POLICY]) as world:
        await world.alert()
        await world.advance(minutes=6)
        world.phone("+33600000001").expect_sms("first")
        assert "pg_restore" in await copied(world, target)
        world.expect_what_was_said()
    url = postgresql.address(name)
    restore = [str(programs / "pg_restore"), "--no-owner", f"--dbname={url}", str(target)]
    assert await (await asyncio.create_subprocess_exec(*restore)).wait() == 0
    await goes_on(world.clock.now(), url)
    postgresql.drop(name)


def test_a_server_is_copied_however_its_address_is_written(
    postgresql_url: str, postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{postgresql.programs}:/usr/bin:/bin")
    url = make_url(postgresql_url)
    hosts = tuple(f"{url.query['host']}:{port}" for port in (1, 5432))
    named = url.set(password="it's: \\", query={"host": hosts})
    store, target = Store(named.render_as_string(hide_password=False)), tmp_path / "vigie.dump"
    backup(store, target)
    store.close()
    assert target.stat().st_size


def test_without_pg_dump_it_says_what_to_install(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    store = Store(postgresql_url)
    with pytest.raises(NoBackup, match="postgresql-client"):
        backup(store, tmp_path / "vigie.dump")
    store.close()
    assert not list(tmp_path.iterdir()), "nothing half made is left"


def test_what_is_there_is_not_lost_by_a_slip(sqlite_url: str, tmp_path: Path) -> None:
    store = Store(sqlite_url)
    database = Path(make_url(sqlite_url).database or "")
    target = tmp_path / "copy.db"
    with pytest.raises(NoBackup, match="is the database itself"):
        backup(store, database, force=True)
    with pytest.raises(NoBackup, match="is a folder"):
        backup(store, tmp_path)
    with pytest.raises(NoBackup, match="takes no file"):
        backup(store, tmp_path / "nowhere" / "copy.db")
    target.write_text("something else")
    with pytest.raises(NoBackup, match="exists"):
        backup(store, target)
    backup(store, target, force=True)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(NoBackup, match="is no file"):
        backup(store, pipe, force=True)
    assert pipe.is_fifo()
    store.close()
    assert sqlite3.connect(target).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert target.stat().st_mode & 0o077 == 0, "only its owner reads it"
    assert {one.name for one in tmp_path.iterdir()} >= {"copy.db"} and not list(tmp_path.glob(".copy*"))


def test_what_it_says_leads_back_from_an_upgrade_and_forward_again(
    postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{postgresql.programs}:/usr/bin:/bin")
    url = make_url(postgresql.address(postgresql.create()))
    monkeypatch.setenv("PGHOST", str(url.query["host"]))
    monkeypatch.setenv("PGUSER", str(url.username))
    store = Store(url.render_as_string(hide_password=False))
    store.write_now(lambda tx: command.upgrade(configuration(tx), "0029"))
    made = backup(store, tmp_path / "the copy.dump")
    schema.upgrade(store)
    store.close()
    for words in made.restore.split("; "):
        if words.startswith(("createdb", "pg_restore")):
            subprocess.run(["sh", "-c", words], check=True)
    found = f"{url.database}_again"
    again = Store(url.set(database=found).render_as_string(hide_password=False))
    assert schema.check(again).revision == "0029"
    schema.upgrade(again)
    assert schema.check(again).is_current
    again.close()
    postgresql.drop(found)
