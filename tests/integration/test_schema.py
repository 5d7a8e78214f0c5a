"""The database's tables: made by the revisions, and the same as the code's."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Index, UniqueConstraint, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from bot.opening import CannotOpen, upgraded_store
from bot.settings import Settings
from storage import schema
from storage.migrate import configuration
from storage.schema import Standing
from storage.store import Store, Transaction
from tests.postgresql import PostgreSQL


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Store]:
    opened = Store(empty_database_url)
    yield opened
    opened.close()


def set_revision(store: Store, revision: str) -> None:
    store.write_now(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision}))


def test_the_revisions_in_the_code_are_those_in_the_folder(store: Store) -> None:
    scripts = store.read_now(lambda tx: ScriptDirectory.from_config(configuration(tx)))
    folder = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(folder)) == schema.REVISIONS
    assert scripts.get_current_head() == schema.HEAD


def test_the_revisions_make_what_the_code_expects(store: Store) -> None:
    options = {"compare_type": True, "compare_server_default": True}
    found = store.read_now(lambda tx: compare_metadata(MigrationContext.configure(tx, opts=options), SQLModel.metadata))
    assert found == []


def test_what_belongs_to_an_incident_is_found_by_it() -> None:
    """Those that are forgotten read no table from end to end."""
    for table in SQLModel.metadata.sorted_tables:
        if "incident" in table.c:
            indexes = [index.columns for index in table.indexes if not _where(index)]
            keys = [key.columns for key in table.constraints if isinstance(key, UniqueConstraint)]
            firsts = [next(iter(columns)).name for columns in (table.primary_key.columns, *indexes, *keys)]
            assert "incident" in firsts, table.name


def test_partial_indexes_have_their_conditions(store: Store) -> None:
    # Alembic compares an index's columns, not its condition.
    wanted = {index.name for table in SQLModel.metadata.tables.values() for index in table.indexes if _where(index)}
    made = store.read_now(
        lambda tx: {
            index["name"]
            for table in SQLModel.metadata.tables
            for index in inspect(tx).get_indexes(table)
            if any(option.endswith("_where") for option in index.get("dialect_options", {}))
        }
    )
    assert made == wanted
    assert "one_open_incident_a_group" in made


def _where(index: Index) -> bool:
    return index.dialect_options["sqlite"]["where"] is not None


def test_an_empty_database_is_empty_then_current(empty: Store) -> None:
    assert schema.check(empty) == schema.SchemaState(Standing.EMPTY, "")
    schema.upgrade(empty)
    assert schema.check(empty) == schema.SchemaState(Standing.CURRENT, schema.HEAD)


def test_upgrading_twice_changes_nothing(empty: Store) -> None:
    schema.upgrade(empty)
    empty.write_now(lambda tx: tx.execute(text("INSERT INTO channels VALUES ('#sre', 'C1')")))
    schema.upgrade(empty)
    kept = empty.read_now(lambda tx: tx.execute(text("SELECT channel FROM channels")).scalar_one())
    assert kept == "C1"


def test_processes_that_start_together_upgrade_once(empty_database_url: str) -> None:
    code = "import sys; from storage import schema, store; schema.upgrade(store.Store(sys.argv[1]))"
    processes = [subprocess.Popen([sys.executable, "-c", code, empty_database_url]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    opened = Store(empty_database_url)
    assert schema.check(opened).is_current
    opened.close()


def test_an_upgrade_does_not_queue_behind_a_backup_with_all_of_vigie_behind_it(postgresql: PostgreSQL) -> None:
    name = postgresql.create()
    url = postgresql.address(name)
    store = Store(url)
    store.write_now(lambda tx: command.upgrade(configuration(tx), "0028"))
    with psycopg.connect(url) as backup:
        backup.execute("LOCK TABLE letters IN ACCESS SHARE MODE")
        begun = time.monotonic()
        with pytest.raises(CannotOpen, match=r"something else holds a table.*try again when it is done"):
            upgraded_store(Settings(database_url=url))
        assert time.monotonic() - begun < 20
        assert schema.check(store).revision == "0028"
    upgraded_store(Settings(database_url=url)).close()
    assert schema.check(store).is_current
    store.close()
    postgresql.drop(name)


def test_a_failing_revision_leaves_nothing_behind(empty: Store) -> None:
    empty.write_now(lambda tx: tx.execute(text("CREATE TABLE outbox (id INTEGER)")))
    with pytest.raises(DBAPIError, match="outbox"):
        schema.upgrade(empty)
    assert empty.read_now(lambda tx: inspect(tx).get_table_names()) == ["outbox"]


def test_a_database_of_a_newer_vigie_is_refused(store: Store) -> None:
    set_revision(store, "9999")
    assert schema.check(store) == schema.SchemaState(Standing.AHEAD, "9999")
    for use in (schema.upgrade, schema.require):
        with pytest.raises(schema.WrongSchema, match="written by a newer Vigie"):
            use(store)
    assert schema.check(store).revision == "9999"


def test_a_database_without_tables_is_refused_with_the_command_that_makes_them(empty: Store) -> None:
    with pytest.raises(schema.WrongSchema, match="vigie db upgrade"):
        schema.require(empty)


def test_a_start_on_a_current_database_does_without_alembic(sqlite_url: str) -> None:
    code = (
        "import sys; from storage import schema, store; schema.upgrade(store.Store(sys.argv[1])); "
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, sqlite_url], check=False).returncode == 0


def test_a_database_of_the_next_vigie_is_worked_with_while_both_run(store: Store) -> None:
    set_revision(store, "9998")
    said = text("UPDATE schema_compatibility SET revision = '9998', oldest = :oldest")
    store.write_now(lambda tx: tx.execute(said, {"oldest": schema.HEAD}))
    assert schema.check(store).standing is Standing.NEWER
    schema.require(store)
    schema.upgrade(store)
    assert schema.check(store).revision == "9998", "the older one leaves it as it is"
    store.write_now(lambda tx: tx.execute(said, {"oldest": "9998"}))
    with pytest.raises(schema.WrongSchema, match="written by a newer Vigie"):
        schema.require(store)


def test_a_revision_takes_nothing_away_from_the_code_before_it(tmp_path: Path) -> None:
    """The rule behind OLDEST: a version that is replaced reads and writes beside its successor."""
    made = Store(f"sqlite:///{tmp_path}/steps.db")
    first = schema.REVISIONS.index(schema.OLDEST)
    for before, after in itertools.pairwise(schema.REVISIONS[first:]):
        old, new = _columns(made, before), _columns(made, after)
        for table, columns in old.items():
            assert columns.keys() <= new[table].keys(), f"{after} takes columns from {table}: raise OLDEST"
            fresh = new[table].keys() - columns.keys()
            unknown = [name for name in fresh if not new[table][name]]
            assert not unknown, f"{after}: a version without {unknown} of {table} can't write a row: give it a default"
    made.close()


def _columns(store: Store, revision: str) -> dict[str, dict[str, bool]]:
    """Every table's columns at a revision, and whether a row can be written without naming each."""

    def work(tx: Transaction) -> dict[str, dict[str, bool]]:
        command.upgrade(configuration(tx), revision)
        found = inspect(tx)
        return {
            table: {one["name"]: bool(one["nullable"] or one["default"]) for one in found.get_columns(table)}
            for table in found.get_table_names()
        }

    return store.write_now(work)
