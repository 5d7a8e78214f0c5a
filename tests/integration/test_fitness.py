"""A PostgreSQL that answers and is none for Vigie: in letters that can't say an alert, or behind a pooler that lends
each transaction another session. And what its administrator may set without Vigie's minding."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import make_url, text

from bot.opening import CannotOpen, bare_store, open_store, upgraded_store
from bot.settings import Settings
from domain.errors import Unavailable
from storage import clock, fitness
from storage.faults import Fault
from storage.presence import Presence
from storage.store import Store
from tests.integration.pooling import Pooler
from tests.postgresql import PostgreSQL


def altered(postgresql: PostgreSQL, change: str) -> None:
    """What an administrator does by hand."""
    with psycopg.connect(postgresql.address("postgres"), autocommit=True) as administrator:
        administrator.execute(change.encode())


@pytest.fixture(params=["LATIN1", "SQL_ASCII"])
def lettered(request: pytest.FixtureRequest, postgresql: PostgreSQL) -> Iterator[tuple[str, str]]:
    """A database in few letters: which, and its address."""
    encoding = str(request.param)
    altered(postgresql, f"CREATE DATABASE lettered ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    yield encoding, postgresql.address("lettered")
    postgresql.drop("lettered")


def test_a_database_that_cannot_keep_every_letter_is_refused_with_what_makes_one(lettered: tuple[str, str]) -> None:
    encoding, url = lettered
    for opens in (open_store, upgraded_store):
        with pytest.raises(CannotOpen) as caught:
            opens(Settings(database_url=url))
        assert f"is in {encoding}, which can't keep every letter" in str(caught.value)
        assert "createdb --encoding=UTF8 --template=template0 lettered" in str(caught.value)
    # A copy of it can be made all the same.
    bare_store(Settings(database_url=url)).close()


@pytest.fixture
def pooler(postgresql_url: str) -> Iterator[Pooler]:
    with Pooler(postgresql_url) as made:
        yield made


def test_a_pooler_that_lends_each_transaction_another_session_is_refused(pooler: Pooler) -> None:
    pooler.is_by_transaction = True
    with pytest.raises(CannotOpen, match="pool_mode=session"):
        open_store(Settings(database_url=pooler.url))


def test_a_pooler_that_keeps_sessions_is_taken(pooler: Pooler) -> None:
    open_store(Settings(database_url=pooler.url)).close()


async def test_a_pooler_whose_sessions_are_all_lent_keeps_nobody_waiting(
    pooler: Pooler, caplog: pytest.LogCaptureFixture
) -> None:
    pooler.most = 4
    store = open_store(Settings(database_url=pooler.url))
    presence = Presence(store, "one")
    async with asyncio.timeout(30):
        await store.reserve()
        assert "fewer connections than Vigie may need" in caplog.text
        await presence.announce()
        assert presence.is_held
        assert await store.read(clock.shown)
        await presence.close()
    store.close()


async def test_a_pooler_that_begins_to_lend_by_transaction_is_noticed_and_told(
    pooler: Pooler, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(Settings(database_url=pooler.url))
    presence = Presence(store, "one")
    await presence.announce()
    pooler.is_by_transaction = True
    async with asyncio.timeout(60):
        while store.since(Fault.SHARED) > 1:
            with suppress(Unavailable):
                await store.read(clock.shown)
            await asyncio.sleep(0.2)
    assert caplog.text.count("pool_mode=session") == 1
    await presence.close()
    store.close()


def test_what_the_administrator_has_set_changes_nothing_of_how_sessions_read_and_write(
    postgresql_url: str, postgresql: PostgreSQL
) -> None:
    name = make_url(postgresql_url).database
    for setting in (
        "default_transaction_isolation = 'serializable'",
        "client_encoding = 'LATIN1'",
        "datestyle = 'German, DMY'",
        "standard_conforming_strings = off",
        "jit = on",
    ):
        altered(postgresql, f"ALTER DATABASE {name} SET {setting}")
    store = Store(postgresql_url)
    try:
        assert store.read_now(lambda tx: tx.execute(text("SHOW transaction_isolation")).scalar()) == "read committed"
        assert store.read_now(lambda tx: tx.execute(text("SELECT '🔥 café'")).scalar()) == "🔥 café"
        assert store.read_now(clock.shown).tzinfo
        searched = text(r"SELECT '100 %' LIKE '% \%' ESCAPE '\'")
        assert store.read_now(lambda tx: tx.execute(searched).scalar()) is True
        assert fitness.unfit(store) is None
        # A server that compiles statements takes far longer over a look than the look does.
        assert store.read_now(lambda tx: tx.execute(text("SHOW jit")).scalar()) == "off"
    finally:
        store.close()
