"""What is sure to be asked is asked together, and nobody is told what was so before something changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, event, insert, select, update

from storage.foresight import foresee, together
from storage.prepared import prepared
from storage.store import Store, Transaction
from tests.integration.own_table import store_with

THINGS = Table(
    "things_asked_together",
    MetaData(),
    Column("name", String, primary_key=True),
    Column("size", Integer, nullable=False),
)
PUT = prepared(insert(THINGS), ("name", "size"))
GROW = prepared(update(THINGS).where(THINGS.c.name == bindparam("of")).values(size=THINGS.c.size + 1), is_heard=False)
OF = prepared(select(THINGS.c.size).where(THINGS.c.name == bindparam("of")))
HOLD = prepared(select(THINGS.c.size).where(THINGS.c.name == bindparam("of")).with_for_update())


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with store_with(THINGS, database_url) as opened:
        opened.write_now(lambda tx: tx.execute(PUT, [{"name": "a", "size": 1}, {"name": "b", "size": 10}]))
        yield opened


def size(tx: Transaction, name: str) -> int | None:
    found = tx.execute(OF, {"of": name}).scalar()
    return None if found is None else int(found)


def size_held(tx: Transaction) -> object:
    return tx.execute(HOLD, {"of": "a"}).scalar()


def both(tx: Transaction) -> tuple[int | None, int | None]:
    return size(tx, "a"), size(tx, "b")


def test_it_finds_what_it_finds_one_by_one_and_asks_it_once(store: Store) -> None:
    heard: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *told: heard.append(told[2]))

    def work(tx: Transaction) -> tuple[object, int]:
        return together(tx, lambda: both(tx)), sum("things_asked_together" in one for one in heard)

    assert store.write_now(work) == ((1, 10), 2)


def test_what_was_not_foreseen_is_asked(store: Store) -> None:
    def work(tx: Transaction) -> list[int | None]:
        foresee(tx, lambda: both(tx))
        return [size(tx, "c"), size(tx, "b"), size(tx, "a")]

    assert store.write_now(work) == [None, 10, 1]


@pytest.mark.parametrize(
    "change", [GROW, update(THINGS).where(THINGS.c.name == "a").values(size=2)], ids=["own", "its"]
)
def test_what_is_changed_meanwhile_is_asked_anew(store: Store, change: object) -> None:
    def work(tx: Transaction) -> tuple[int | None, int | None]:
        foresee(tx, lambda: both(tx))
        tx.execute(change, {"of": "a"} if change is GROW else {})  # type: ignore[call-overload]
        return both(tx)

    assert store.write_now(work) == (2, 10)


def grow_elsewhere(store: Store) -> None:
    with store.engine.connect() as another:
        another.exec_driver_sql("UPDATE things_asked_together SET size = size + 1 WHERE name = 'a'")
        another.commit()


def test_what_was_asked_before_something_is_held_is_asked_anew(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("SQLite has one writer")

    def work(tx: Transaction) -> tuple[int | None, int | None]:
        foresee(tx, lambda: both(tx))
        grow_elsewhere(store)
        tx.execute(HOLD, {"of": "a"})
        return both(tx)

    assert store.write_now(work) == (2, 10)


def test_an_answer_is_given_once(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("SQLite has one writer")

    def work(tx: Transaction) -> list[int | None]:
        foresee(tx, lambda: both(tx))
        grow_elsewhere(store)
        return [size(tx, "a"), size(tx, "a")]

    assert store.write_now(work) == [1, 2]


def test_what_is_held_first_is_held_before_the_rest_is_asked(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("SQLite has one writer")

    def work(tx: Transaction) -> tuple[object, int | None]:
        held, seen = together(tx, lambda: (size_held(tx), size(tx, "a")))
        with pytest.raises(Exception, match="lock timeout"), store.engine.connect() as another:
            another.exec_driver_sql("SET lock_timeout = '50ms'")
            another.exec_driver_sql("UPDATE things_asked_together SET size = 0 WHERE name = 'a'")
        return held, seen

    assert store.write_now(work) == (1, 1)


def test_what_was_written_before_is_found(store: Store) -> None:
    def work(tx: Transaction) -> tuple[int | None, int | None]:
        tx.execute(GROW, {"of": "a"})
        return together(tx, lambda: both(tx))

    assert store.write_now(work) == (2, 10)


def test_nothing_of_it_is_left_for_the_next_transaction(store: Store) -> None:
    def undone(tx: Transaction) -> None:
        foresee(tx, lambda: both(tx))
        raise LookupError

    with pytest.raises(LookupError):
        store.write_now(undone)
    store.write_now(lambda tx: foresee(tx, lambda: both(tx)))
    grow_elsewhere(store)
    assert store.write_now(both) == (2, 10)


def test_a_look_that_fails_leaves_nothing_behind(store: Store) -> None:
    def work(tx: Transaction) -> tuple[int | None, int | None]:
        if not store.is_sqlite:
            with pytest.raises(ZeroDivisionError):
                foresee(tx, lambda: (size(tx, "a"), 1 // 0))
        return both(tx)

    assert store.write_now(work) == (1, 10)
