"""What nobody waits for is sent with the next statement: on PostgreSQL in one journey, on SQLite at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, delete, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from domain.errors import Unavailable
from storage.prepared import prepared
from storage.store import Store, Transaction
from tests.integration.own_table import store_with

THINGS = Table(
    "things_sent_together",
    MetaData(),
    Column("name", String, primary_key=True),
    Column("size", Integer, nullable=False),
)
PUT = prepared(insert(THINGS), ("name", "size"))
GROW = prepared(update(THINGS).where(THINGS.c.name == bindparam("of")).values(size=THINGS.c.size + 1), is_heard=False)
DROP = prepared(delete(THINGS).where(THINGS.c.name == bindparam("of")), is_heard=False)
ALL = prepared(select(THINGS).order_by(THINGS.c.name))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with store_with(THINGS, database_url) as opened:
        yield opened


def put(tx: Transaction, name: str, size: int = 1) -> None:
    tx.execute(PUT, {"name": name, "size": size})


def all_of(store: Store) -> list[tuple[str, int]]:
    return store.write_now(lambda tx: [tuple(row) for row in tx.execute(ALL)])


def test_a_transaction_sees_what_it_wrote_in_its_order(store: Store) -> None:
    def work(tx: Transaction) -> list[tuple[str, int]]:
        put(tx, "a")
        tx.execute(GROW, {"of": "a"})
        put(tx, "b")
        tx.execute(DROP, {"of": "b"})
        tx.execute(PUT, [{"name": "c", "size": 5}, {"name": "d", "size": 6}])
        return [tuple(row) for row in tx.execute(ALL)]

    assert store.write_now(work) == all_of(store) == [("a", 2), ("c", 5), ("d", 6)]


def test_what_sqlalchemy_sends_itself_finds_it_there(store: Store) -> None:
    def work(tx: Transaction) -> tuple[Any, ...]:
        put(tx, "a")
        seen = tx.execute(select(THINGS.c.size)).scalar_one()
        put(tx, "b")
        raw = tx.exec_driver_sql("SELECT count(*) FROM things_sent_together").scalar_one()
        put(tx, "c")
        many = tx.execute(update(THINGS).where(THINGS.c.name == bindparam("of")).values(size=9), [{"of": "c"}] * 2)
        assert many is not None
        return seen, raw

    assert store.write_now(work) == (1, 2)
    assert all_of(store) == [("a", 1), ("b", 1), ("c", 9)]


def test_what_is_sent_last_is_kept_too(store: Store) -> None:
    store.write_now(lambda tx: put(tx, "a"))
    store.write_now(lambda tx: tx.execute(GROW, {"of": "a"}))
    assert all_of(store) == [("a", 2)]


@pytest.mark.parametrize("asks_more", [True, False], ids=["then something is asked", "at the end"])
def test_what_goes_wrong_undoes_all_of_it(store: Store, asks_more: bool) -> None:
    store.write_now(lambda tx: put(tx, "a"))

    def twice(tx: Transaction) -> None:
        put(tx, "b")
        put(tx, "a")
        put(tx, "c")
        if asks_more:
            tx.execute(ALL)

    for _ in range(2):
        with pytest.raises(IntegrityError):
            store.write_now(twice)
        assert all_of(store) == [("a", 1)]


def test_on_postgresql_nobody_waits_for_what_is_written(store: Store) -> None:
    gone_on = []

    def twice(tx: Transaction) -> None:
        put(tx, "a")
        put(tx, "a")
        gone_on.append(True)

    with pytest.raises(IntegrityError):
        store.write_now(twice)
    assert bool(gone_on) is not store.is_sqlite
    assert all_of(store) == []


def test_what_is_undone_is_not_sent_by_the_next(store: Store) -> None:
    def gives_up(tx: Transaction) -> None:
        put(tx, "a")
        raise KeyError("given up")

    with pytest.raises(KeyError):
        store.write_now(gives_up)
    store.write_now(lambda tx: put(tx, "b"))
    assert all_of(store) == [("b", 1)]


async def test_a_thread_that_keeps_its_connection_does_too(store: Store) -> None:
    def gives_up(tx: Transaction) -> None:
        put(tx, "a")
        raise KeyError("given up")

    for number in range(6):
        with pytest.raises(KeyError):
            await store.act(gives_up)
        await store.act(lambda tx, name=str(number): put(tx, name))  # type: ignore[misc]
    assert [name for name, _ in all_of(store)] == ["0", "1", "2", "3", "4", "5"]


def test_a_connection_that_is_gone_is_given_up(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("there is nobody to hang up")

    def hung_up(tx: Transaction) -> None:
        mine = tx.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        put(tx, "a")
        with store.engine.connect() as other:
            other.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (mine,))

    with pytest.raises(Unavailable):
        store.write_now(hung_up)
    store.write_now(lambda tx: put(tx, "b"))
    assert all_of(store) == [("b", 1)]


def test_who_listens_hears_of_each_before_the_commit(store: Store) -> None:
    heard: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *said: heard.append(said[2].split()[0]))
    event.listen(store.engine, "commit", lambda _: heard.append("COMMIT"))

    def work(tx: Transaction) -> None:
        put(tx, "a")
        tx.execute(ALL)
        tx.execute(GROW, {"of": "a"})

    store.write_now(work)
    assert [one for one in heard if one != "BEGIN"] == ["INSERT", "SELECT", "UPDATE", "COMMIT"]
