"""Databases for tests: each test has a fresh one, on SQLite and on PostgreSQL."""

from __future__ import annotations

import gc
import logging
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings

from storage import schema
from storage.store import Store
from tests.browser.chromium import chromium
from tests.postgresql import PostgreSQL
from tests.world import World, world_on

KINDS = ("sqlite", "postgresql")

# The same examples for everyone, so that a red run is red again; HYPOTHESIS_PROFILE=explore looks for others.
settings.register_profile("steady", derandomize=True, deadline=None, max_examples=40)
settings.register_profile("explore", deadline=None, max_examples=200)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# What is imported stays: looking through it for garbage in every story takes a tenth of the suite's time.
gc.freeze()
gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def loggers_as_they_were() -> Iterator[None]:
    """A command that runs in a test's process sets the log up; the next test has it as it was."""
    root = logging.getLogger()
    named = [one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    handlers, levels = list(root.handlers), [(one, one.level) for one in (root, *named)]
    yield
    root.handlers = handlers
    for one, level in levels:
        if one.level != level:
            one.setLevel(level)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server of this test process's own."""
    server = PostgreSQL()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_database(postgresql: PostgreSQL) -> str:
    """A PostgreSQL database at the current schema, to make others from."""
    name = postgresql.create()
    _upgrade(postgresql.address(name))
    return name


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the current schema, to make others from."""
    path = tmp_path_factory.mktemp("template") / "vigie.db"
    _upgrade(f"sqlite:///{path}")
    return path


def _upgrade(url: str) -> None:
    store = Store(url)
    schema.upgrade(store)
    store.close()


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = server.create()
    yield server.address(name)
    server.drop(name)


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """A SQLite database at the current schema."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'vigie.db')}"


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL, migrated_database: str) -> Iterator[str]:
    """A PostgreSQL database at the current schema."""
    name = postgresql.create(migrated_database)
    yield postgresql.address(name)
    postgresql.drop(name)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """A database at the current schema: the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on a fresh database of each kind."""
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A running Vigie with the guide's catalog; the story fails on any message that nobody expected."""
    async with world_on(database_url) as running:
        yield running
        running.finish()


HEART = ("alerts", "guide", "incidents", "lanes", "lifecycle", "receipts", "storms")
"""The stories that are told on both databases whenever anything changes; the others' second telling is slow."""
OUTAGES = ("everything_away", "monkeys", "processes", "slack_away", "slow_providers", "storm_order", "unfit_database")
"""The stories in which something is away, slow or killed for long: all of them are slow."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    told_twice, outages = ({f"test_{name}.py" for name in names} for names in (HEART, OUTAGES))
    for item in items:
        if item.path.parent.name != "stories":
            continue
        is_second = "postgresql" in getattr(item, "callspec", _Plain).params.values()
        if item.path.name in outages or (is_second and item.path.name not in told_twice):
            item.add_marker(pytest.mark.slow)


class _Plain:
    """A test that is not told for several things."""

    params: ClassVar[dict[str, object]] = {}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if chromium() is None:
        terminalreporter.write_line("The browser tests were left out: there is no Chromium here (Debian: chromium).")
