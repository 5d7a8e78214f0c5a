"""A database that is taken from under a running Vigie, damaged there, or may only be read: no 202 that the next start
knows nothing of, and red wherever somebody looks."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from storage.backup import backup
from storage.faults import PLACED_SECONDS, Fault
from tests.postgresql import PostgreSQL
from tests.stories.test_full_disk import eventually
from tests.world import World, alert_body, read, world_on

POLICY = """
Policy: Climb
Default: true
Steps:
  1: {delay: 5 minutes, type: SMS, target: USER (ada), message: "{incident.title}"}
"""


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with world_on(sqlite_url, catalog=[read("alone.yaml"), POLICY]) as running:
        yield running


@pytest.fixture
def file(sqlite_url: str) -> Path:
    return Path(make_url(sqlite_url).database or "")


async def said(world: World) -> tuple[int, str]:
    status, body = await world.get("/readyz")
    return status, body["checks"]["database"]["detail"]


def moved(file: Path, replaced: bool) -> Path:
    """Where the file is now."""
    elsewhere = file.rename(file.with_suffix(".gone"))
    if replaced:
        file.touch()
    return elsewhere


def moved_back(elsewhere: Path, file: Path) -> None:
    elsewhere.replace(file)


def damaged(file: Path, name: str) -> None:
    """Spoil the first page of a table."""
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = other.execute("PRAGMA page_size").fetchone()
        (page,) = other.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    with file.open("r+b") as opened:
        opened.seek((page - 1) * size)
        opened.write(b"\xff" * size)


def altered(url: str, change: str) -> None:
    with psycopg.connect(url, options="-c default_transaction_read_only=off", autocommit=True) as other:
        other.execute(change.encode())


def numbered(number: int) -> dict[str, Any]:
    return alert_body(f"Alert {number}", group=f"g{number}", fingerprint=f"f{number}")


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_was_moved_takes_no_alert_and_pages_for_those_it_has(
    world: World, file: Path, replaced: bool
) -> None:
    await world.alert("Taken")
    elsewhere = moved(file, replaced)
    status, answer = await world.post(numbered(1))
    assert (status, "not where it was opened" in answer["detail"]) == (503, True)
    status, body = await world.get("/readyz")
    assert (status, "not where it was opened" in body["checks"]["database"]["detail"]) == (503, True)
    assert str(file) not in body["checks"]["database"]["detail"], "anybody may read it"
    await world.advance(minutes=6)
    assert [sms.text.split("\n")[0] for sms in world.phone("+33600000001").texts] == ["Taken"]
    moved_back(elsewhere, file)
    await world.app.auditor.look()
    assert (await said(world))[0] == 200
    assert (await world.post(numbered(2)))[0] == 202
    world.expect_what_was_said()


@pytest.mark.parametrize("replaced", [False, True])
async def test_the_first_click_after_a_file_was_moved_goes_to_no_other(
    world: World, file: Path, replaced: bool
) -> None:
    """What clicks are written by has opened nothing yet."""
    await world.alert("Taken")
    card = world.card("Taken")
    copy = file.with_suffix(".copy")
    backup(world.app.store, copy)
    elsewhere = moved(file, False)
    if replaced:
        moved_back(copy, file)
    await card.click("Acknowledge", as_="ada")
    assert "not where it was opened" in world.whispers("ada")[-1]
    moved_back(elsewhere, file)
    await card.click("Acknowledge", as_="ada")
    await world.advance(minutes=6)
    assert not world.phone("+33600000001").texts
    world.expect_what_was_said()


async def test_what_was_written_last_is_deleted_and_no_alert_is_promised(world: World, file: Path) -> None:
    await world.alert("Taken")
    file.with_name(f"{file.name}-wal").unlink()
    status, answer = await world.post(numbered(1))
    assert (status, "what was written last" in answer["detail"]) == (503, True)
    status, detail = await said(world)
    assert (status, "what was written last" in detail) == (503, True)
    await world.advance(minutes=6)
    assert [sms.text.split("\n")[0] for sms in world.phone("+33600000001").texts] == ["Taken"]
    world.expect_what_was_said()


async def test_a_copy_that_is_put_back_under_a_running_vigie_takes_no_alert(
    world: World, file: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    backup(world.app.store, copy)
    assert (await world.post(numbered(1)))[0] == 202
    shutil.copyfile(copy, file)
    status, answer = await world.post(numbered(2))
    assert (status, "written over" in answer["detail"]) == (503, True)
    # What SQLite writes then makes the file look as before.
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA journal_mode=WAL")
    assert (await world.post(numbered(3)))[0] == 503
    status, detail = await said(world)
    assert (status, "written over" in detail) == (503, True)
    world.expect_what_was_said()


async def test_reading_does_not_make_a_database_that_may_only_be_read_writable(postgresql_url: str) -> None:
    async with world_on(postgresql_url, catalog=[read("alone.yaml"), POLICY]) as world:
        store = world.app.store
        change = f"ALTER DATABASE {make_url(postgresql_url).database} SET default_transaction_read_only"
        altered(postgresql_url, f"{change} = on")
        store.engine.dispose()
        assert (await world.post(numbered(1)))[0] == 503
        for _ in range(3):
            await store.write(lambda tx: tx.execute(text("SELECT 1")).all())
            status, detail = await said(world)
            assert status == 503 and detail.startswith("the database takes nothing: it may only be read: ")
        altered(postgresql_url, f"{change} = off")
        store.engine.dispose()
        assert (await said(world))[0] == 200
        assert (await world.post(numbered(2)))[0] == 202
        world.expect_what_was_said()


def of_a_role_with_rows_alone(url: str) -> str:
    """The address by which a role reaches the same database that may read and write rows, and make no table, not even a
    temporary one."""
    name = make_url(url).database
    altered(url, "DROP ROLE IF EXISTS rows_alone")
    altered(url, "CREATE ROLE rows_alone LOGIN")
    altered(url, f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    altered(url, f"GRANT CONNECT ON DATABASE {name} TO rows_alone")
    altered(url, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO rows_alone")
    altered(url, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO rows_alone")
    return make_url(url).set(username="rows_alone").render_as_string(hide_password=False)


async def test_a_role_that_may_make_no_table_is_green_again_when_the_primary_is_back(postgresql_url: str) -> None:
    bare = of_a_role_with_rows_alone(postgresql_url)
    async with world_on(bare, catalog=[read("alone.yaml"), POLICY]) as world:
        change = f"ALTER DATABASE {make_url(postgresql_url).database} SET default_transaction_read_only"
        altered(postgresql_url, f"{change} = on")
        world.app.store.engine.dispose()
        assert (await world.post(numbered(1)))[0] == 503
        altered(postgresql_url, f"{change} = off")
        world.app.store.engine.dispose()
        assert (await world.post(numbered(2)))[0] == 202
        assert (await said(world))[0] == 200
        await world.app.auditor.look()
        world.expect_what_was_said()
    altered(postgresql_url, "DROP OWNED BY rows_alone")
    altered(postgresql_url, "DROP ROLE rows_alone")


async def test_a_right_that_is_taken_from_vigies_user_is_red_and_said(
    postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """On one table: what is written elsewhere goes well, and shows nothing."""
    bare = of_a_role_with_rows_alone(postgresql_url)
    async with world_on(bare, catalog=[read("alone.yaml"), POLICY]) as world:
        denied = "the database denies Vigie's user a right; try again in a moment"
        altered(postgresql_url, "REVOKE INSERT ON incidents FROM rows_alone")
        for number in range(3):
            status, answer = await world.post(numbered(number))
            assert (status, denied in answer["detail"]) == (503, True)
            status, detail = await said(world)
            assert status == 503 and "GRANT ALL ON ALL TABLES" in detail
            assert detail.endswith("(permission denied for table incidents)")
        assert "GRANT ALL ON ALL TABLES" in caplog.text and "permission denied for table incidents" in caplog.text
        assert "may only be read" not in caplog.text and "takes what is written again" not in caplog.text
        altered(postgresql_url, "GRANT INSERT ON incidents TO rows_alone")
        assert (await world.post(numbered(4)))[0] == 202
        world.app.store.met[Fault.DENIED] -= PLACED_SECONDS
        assert (await said(world))[0] == 200
        world.expect_what_was_said()
    altered(postgresql_url, "DROP OWNED BY rows_alone")
    altered(postgresql_url, "DROP ROLE rows_alone")


async def test_a_rule_of_somebodys_that_refuses_alerts_is_said_where_an_operator_looks(
    postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with world_on(postgresql_url, catalog=[read("alone.yaml"), POLICY]) as world:
        altered(postgresql_url, "ALTER TABLE incidents ADD COLUMN cost integer NOT NULL")
        assert (await world.post(numbered(1)))[0] == 500
        (told,) = [one for one in caplog.messages if "the database refuses a row of Vigie's" in one]
        assert 'null value in column "cost"' in told and "`vigie doctor`" in told
        altered(postgresql_url, "ALTER TABLE incidents ALTER COLUMN cost DROP NOT NULL")
        assert (await world.post(numbered(1)))[0] == 202
        await world.settle()
        world.expect_what_was_said()


async def test_damage_that_small_writes_do_not_meet_is_red_all_the_same(world: World, file: Path) -> None:
    await world.alert("Taken")
    await world.settle()
    damaged(file, "incidents")
    assert (await world.post(numbered(1)))[0] == 503
    for _ in range(3):
        status, detail = await said(world)
        assert status == 503 and detail.startswith("the database is damaged: stop Vigie and go back to a copy")
    world.expect_what_was_said()


PARTS = {
    "table": ("TO notifications_before", "notifications_before RENAME TO notifications", 'relation "notifications"'),
    "column": ("COLUMN state TO before", "notifications RENAME COLUMN before TO state", "column"),
}
"""What somebody does to the table of pages, what undoes it, and what PostgreSQL then calls by its name."""


@pytest.mark.parametrize("part", PARTS)
async def test_a_part_of_a_table_that_is_gone_is_red_and_said_and_no_page_is_lost(
    postgresql_url: str, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is written elsewhere goes well, and shows nothing."""
    gone, again, named = PARTS[part]
    async with world_on(postgresql_url, catalog=[read("alone.yaml"), POLICY]) as world:
        await world.alert("Taken")
        altered(postgresql_url, f"ALTER TABLE notifications RENAME {gone}")
        world.clock.push(timedelta(minutes=6))
        world.app.worker.look()
        for _ in range(3):
            await eventually(lambda: is_red(world, "does not show Vigie's tables", named))
            await world.app.store.write(lambda tx: tx.execute(text("SELECT 1")).all())
        assert "takes what is written again" not in caplog.text
        altered(postgresql_url, f"ALTER TABLE {again}")
        await eventually(lambda: is_told(world, "Taken"))
        world.app.store.met[Fault.BARE] -= PLACED_SECONDS
        await eventually(lambda: is_green(world))
        assert not world.app.worker.faults
        world.expect_what_was_said()


async def is_red(world: World, *words: str) -> bool:
    status, detail = await said(world)
    return status == 503 and all(word in detail for word in words)


async def is_told(world: World, title: str) -> bool:
    return [sms.text.split("\n")[0] for sms in world.phone("+33600000001").texts] == [title]


SHUT = {
    "ALTER ROLE rows_alone CONNECTION LIMIT 0": (
        "PostgreSQL gives the user that DATABASE_URL names, or the database, no more connections: raise its limit"
    ),
    "ALTER ROLE rows_alone NOLOGIN": "PostgreSQL does not let the user that DATABASE_URL names log in: let it",
    "ALTER DATABASE {name} ALLOW_CONNECTIONS false": (
        "PostgreSQL lets nobody into the database that DATABASE_URL names: let it"
    ),
}
"""What an administrator may do, and what is said of it."""


@pytest.mark.parametrize("change", SHUT)
async def test_why_nobody_is_let_in_is_said_to_whoever_asks_and_names_nobody(
    postgresql: PostgreSQL, postgresql_url: str, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    bare, name = of_a_role_with_rows_alone(postgresql_url), make_url(postgresql_url).database or ""
    outside = postgresql.address("postgres")
    async with world_on(bare, catalog=[read("alone.yaml"), POLICY]) as world:
        await world.alert("Taken")
        altered(outside, change.format(name=name))
        postgresql.cut()
        await eventually(lambda: is_red(world, f"the database does not answer: {SHUT[change]}"))
        assert not await is_red(world, name) and not await is_red(world, "rows_alone")
        assert SHUT[change] in caplog.text
        altered(outside, "ALTER ROLE rows_alone LOGIN CONNECTION LIMIT -1")
        altered(outside, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await eventually(lambda: is_green(world))
        await world.advance(minutes=6)
        await eventually(lambda: is_told(world, "Taken"))
        world.expect_what_was_said()
    altered(postgresql_url, "DROP OWNED BY rows_alone")
    altered(postgresql_url, "DROP ROLE rows_alone")


async def is_green(world: World) -> bool:
    return bool((await world.get("/readyz"))[1]["checks"]["database"]["ok"])
