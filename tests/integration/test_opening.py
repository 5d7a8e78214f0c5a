"""A database that can't be opened is said in one line with its remedy, and who only looks makes none."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from alembic.command import upgrade
from sqlalchemy import make_url, text

from bot.kept_clock import open_clock
from bot.opening import AlreadyRunning, CannotOpen, bare_store, look_at_store, only_one, store_to_run, upgraded_store
from bot.settings import Settings
from domain.errors import Unavailable, VigieError
from storage import clock, schema, sealing
from storage.backup import backup
from storage.diagnoses import explained
from storage.migrate import configuration
from storage.opening import closed
from storage.store import Store
from tests.integration.test_doctor import set_revision
from tests.integration.test_judgements import GUIDE, ORGANISATION, nothing_set_up, vigie
from tests.postgresql import PostgreSQL

__all__ = ["nothing_set_up"]
SIMULATION = ("simulate", "--service", "redis-prod", "--severity", "SEV1")


@pytest.mark.parametrize(
    "command",
    [" ".join(SIMULATION), "drift", "dump", "token list", "token revoke x", "db check", "db backup x"],
)
def test_who_only_looks_makes_no_database(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///none.db")
    error = vigie(*command.split()).exception
    assert isinstance(error, CannotOpen)
    assert str(error).startswith(f"DATABASE_URL: {tmp_path}/none.db does not exist yet: `vigie load FILE…` makes it")
    assert not list(tmp_path.iterdir())


def test_a_dry_run_without_a_database_leaves_none_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///none.db")
    answer = vigie("load", "--dry-run", GUIDE, ORGANISATION)
    assert answer.exit_code == 0
    assert "+ team SRE Core" in answer.output and "There is no database yet" in answer.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("taken", "taken can't be written: --out takes a folder, and this is a file"),
        ("taken/inside", "taken/inside can't be written: not a directory"),
    ],
)
def test_a_dump_that_cannot_be_written_says_so(
    out: str, said: str, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    (tmp_path / "taken").write_text("mine", "utf-8")
    error = vigie("dump", "--out", str(tmp_path / out)).exception
    assert isinstance(error, VigieError) and str(error) == f"{tmp_path}/{said}"
    assert (tmp_path / "taken").read_text("utf-8") == "mine"


@pytest.mark.parametrize("command", [SIMULATION, ("load", "--dry-run", GUIDE)], ids=" ".join)
def test_who_only_looks_upgrades_nothing(
    command: tuple[str, ...], sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_revision(sqlite_url, "0003")
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    assert "run `vigie db upgrade`" in str(vigie(*command).exception)
    with pytest.raises(VigieError, match="at revision 0003"):
        look_at_store(Settings(database_url=sqlite_url))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere/vigie.db", "the folder {folder}/nowhere does not exist: make it (mkdir -p {folder}/nowhere)"),
        ("folder", "{folder}/folder is a folder: name a file in it: sqlite:///{folder}/folder/vigie.db"),
        ("file.txt/vigie.db", "{folder}/file.txt is a file and no folder"),
        ("file.txt", "{folder}/file.txt is no SQLite database: name another file"),
        ("/proc/vigie.db", " /proc"),
    ],
)
def test_what_keeps_a_file_from_being_opened(place: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.txt").write_text("not a database " * 100)
    with pytest.raises(CannotOpen) as caught:
        bare_store(Settings(database_url=f"sqlite:///{tmp_path / place}"))
    assert said.format(folder=tmp_path) in str(caught.value)
    assert (tmp_path / "file.txt").read_text() == "not a database " * 100


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a volume of its own")
def test_a_volume_without_inodes_is_told_from_one_of_somebody_else(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/vigie.db"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,nr_inodes=6", "tmpfs", str(tmp_path)], check=True)
    try:
        upgraded_store(Settings(database_url=url)).close()
        with suppress(OSError):
            for number in range(6):
                (tmp_path / str(number)).touch()
        with pytest.raises(CannotOpen, match=r"given out all inodes: delete files there"):
            bare_store(Settings(database_url=url))
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_copy_beside_what_was_written_last_is_not_mixed_with_it(sqlite_url: str, tmp_path: Path) -> None:
    store = Store(sqlite_url)
    copy, file, former = tmp_path / "copy.db", tmp_path / "again.db", Path(str(store.url.database))
    link = tmp_path / "link.db"
    link.symlink_to(file)
    backup(store, copy)
    store.write_now(lambda tx: tx.execute(text("CREATE TABLE later (what TEXT)")))
    # As kill -9 leaves them.
    shutil.copyfile(f"{former}-wal", f"{file}-wal")
    store.close()
    shutil.copyfile(copy, file)
    settings = Settings(database_url=f"sqlite:///{link}")
    with pytest.raises(CannotOpen, match=f"is a copy, and {file}-wal beside it.*rm -f {file}-wal"):
        bare_store(settings)
    Path(f"{file}-wal").unlink()
    found = bare_store(settings)
    assert not found.read_now(lambda tx: tx.execute(text("PRAGMA table_info(later)")).all())
    found.close()


def test_a_run_where_nothing_can_be_written_beside_the_file(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    Path(f"{store.url.database}.lock").mkdir()
    with pytest.raises(CannotOpen, match="may not write in the folder"):
        only_one(store)
    store.close()


def test_a_link_to_the_file_is_no_second_database(sqlite_url: str, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(str(make_url(sqlite_url).database))
    stores = [Store(sqlite_url), Store(f"sqlite:///{link}")]
    lock = only_one(stores[0])
    with pytest.raises(AlreadyRunning):
        only_one(stores[1])
    assert lock
    lock.close()
    for store in stores:
        store.close()


def test_a_second_run_leaves_the_file_of_the_first_as_it_is(tmp_path: Path) -> None:
    """Its tables are those of the version that runs, and its secrets are sealed with the key that this one has."""
    url = f"sqlite:///{tmp_path}/first.db"
    first = Store(url)
    first.write_now(lambda tx: upgrade(configuration(tx), "0030"))
    lock = only_one(first)
    settings = Settings(database_url=url, secret_key="a-key-of-the-second")
    with pytest.raises(AlreadyRunning):
        store_to_run(settings)
    assert schema.check(first).revision == "0030"
    assert lock
    lock.close()
    second, held = store_to_run(settings)
    assert schema.check(first).is_current and held
    assert first.read_now(sealing.key_in_use) == second.vault.primary
    held.close()
    for store in (first, second):
        store.close()


@pytest.mark.parametrize("command", [("token", "create", "x"), ("load", GUIDE, ORGANISATION)], ids=" ".join)
def test_a_command_leaves_its_clock_to_a_vigie_that_goes_at_another_speed(
    command: tuple[str, ...], sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its next start went back to the time of the command, and what was due since came late."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    store = Store(sqlite_url)
    open_clock(store, 60.0)
    kept = store.read_now(clock.read)
    assert vigie(*command).exit_code == 0
    assert store.read_now(clock.read) == kept
    store.close()


def refusal(url: str) -> str:
    with pytest.raises(CannotOpen) as caught:
        bare_store(Settings(database_url=url))
    return str(caught.value)


def test_what_keeps_a_server_from_being_reached(postgresql: PostgreSQL) -> None:
    here = postgresql.url
    assert "has no database nowhere: make it (createdb --owner=" in refusal(postgresql.address("nowhere"))
    assert "has no user stranger" in refusal(here.set(username="stranger").render_as_string(hide_password=False))
    away = refusal("postgres://ada:secret@127.0.0.1:1/vigie")
    assert away == (
        "DATABASE_URL: nothing listens for PostgreSQL at 127.0.0.1:1: start it, or mend host and port in DATABASE_URL"
    )
    assert "nobody knows the host nowhere.invalid" in refusal("postgresql://ada:secret@nowhere.invalid/vigie")
    assert "PostgreSQL says: invalid connection option" in refusal("postgresql:///vigie?colour=red")


@pytest.mark.parametrize(
    ("said", "what", "is_passing"),
    [
        ("FATAL:  no more connections allowed (max_client_conn)", "has no connection left", True),
        ('FATAL:  database "vigie" is not currently accepting connections', "lets nobody into the database", True),
        ('FATAL:  role "vigie" is not permitted to log in', "does not let the user ada log in", False),
        ('FATAL:  password authentication failed for user "ada"', "refuses the user ada", False),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "ada"',
            "does not let the user ada in from here",
            False,
        ),
        ("FATAL:  sorry, too many clients already", "has no connection left", True),
        ("connection timeout expired", "gives no answer", True),
        ("FATAL:  the database system is starting up", "starts or stops at the moment", True),
        ("server does not support SSL, but SSL was required", "TLS do not agree", False),
        ("ERROR:  permission denied for schema public", "does not let the user ada do it", False),
        ("ERROR:  must be owner of table outages", "tables of Vigie's that are not ada's", False),
        ("something new", "says: something new", False),
    ],
)
def test_what_a_server_says_is_told_with_a_remedy(said: str, what: str, *, is_passing: bool) -> None:
    error = Unavailable("away")
    error.__cause__ = RuntimeError(said)
    found = closed(make_url("postgresql://ada:secret@db.example.com:5433/vigie"), error)
    assert found.what.startswith("PostgreSQL at db.example.com:5433") and what in found.what
    assert found.remedy and "secret" not in str(found)
    assert found.is_passing is is_passing, "a start waits for what passes"


def test_what_fails_later_is_told_with_its_remedy(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    store.write_now(lambda tx: tx.execute(text("PRAGMA max_page_count = 1")))
    with pytest.raises(Unavailable) as caught:
        store.write_now(lambda tx: tx.execute(text("CREATE TABLE more AS SELECT randomblob(9999999)")))
    store.close()
    assert explained(caught.value).startswith("the database takes nothing more: its disk is full: make room")
    assert explained(Unavailable("by hand")) == "by hand"


def modes(folder: Path) -> dict[str, int]:
    return {one.name: one.stat().st_mode & 0o777 for one in folder.iterdir()}


def test_a_new_database_is_its_owners_alone_and_so_is_what_sqlite_puts_beside_it(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/new.db")
    store.write_now(lambda tx: tx.execute(text("CREATE TABLE one (number INTEGER)")))
    assert modes(tmp_path) == dict.fromkeys(("new.db", "new.db-wal", "new.db-shm"), 0o600)
    store.close()


def test_a_database_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "old.db").touch()
    (tmp_path / "old.db").chmod(0o640)
    store = Store(f"sqlite:///{tmp_path}/old.db")
    store.write_now(lambda tx: tx.execute(text("CREATE TABLE one (number INTEGER)")))
    assert modes(tmp_path) == dict.fromkeys(("old.db", "old.db-wal", "old.db-shm"), 0o640)
    store.close()


def test_a_database_is_made_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "there.db")
    store = Store(f"sqlite:///{tmp_path}/link.db")
    store.read_now(lambda tx: tx.execute(text("SELECT 1")))
    assert modes(tmp_path)["there.db"] == 0o600
    store.close()


def test_a_new_dump_is_its_owners_alone(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    assert vigie("load", GUIDE, ORGANISATION).exit_code == 0
    assert vigie("dump", "--out", "catalog").exit_code == 0
    assert set(modes(tmp_path / "catalog").values()) == {0o600}
    (tmp_path / "catalog" / "organisation.yaml").chmod(0o644)
    assert vigie("dump", "--out", "catalog").exit_code == 0
    assert modes(tmp_path / "catalog")["organisation.yaml"] == 0o644


def test_a_statement_that_takes_too_long_is_no_server_that_is_not_there(postgresql_url: str) -> None:
    """Whoever looks after the server has set `statement_timeout` for Vigie's user, say."""
    store = Store(postgresql_url)
    with pytest.raises(Unavailable):
        store.write_now(lambda tx: tx.execute(text("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)")))
    store.close()
    assert store.trouble == "the database does not answer: start it, or see why its connections end; the log says more"
