"""Transactions: all of it or none of it, one after the other, and many items in one commit."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import partial

import pytest
from sqlalchemy import QueuePool, event, select, text, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from domain.errors import Unavailable
from storage import messages
from storage.batches import Batches
from storage.catalog import table
from storage.catalog_tables import CatalogRevision
from storage.connections import RESTED_SECONDS, Connections
from storage.engines import BROWSERS, POSTGRESQL_CONNECTIONS
from storage.faults import Fault
from storage.store import LOCKED_SECONDS, Store, Transaction

COUNTER = table(CatalogRevision)


class Refused(Exception):
    """What a test's work raises."""


def start_counting(tx: Transaction) -> None:
    tx.execute(COUNTER.insert().values(id=1, revision=0))


def count(tx: Transaction) -> int:
    found: int = tx.execute(select(COUNTER.c.revision)).scalar_one()
    return found


def setting(statement: str, tx: Transaction) -> object:
    return tx.execute(text(statement)).scalar()


def read_think_write(tx: Transaction) -> None:
    seen = tx.execute(select(COUNTER.c.revision).with_for_update()).scalar_one()
    tx.execute(update(COUNTER).values(revision=seen + 1))


async def test_what_is_written_is_read(store: Store) -> None:
    await store.write(lambda tx: messages.put_channel(tx, "#sre", "C1"))
    assert await store.read(messages.channels) == {"#sre": "C1"}


async def test_what_raises_leaves_nothing(store: Store) -> None:
    def half(tx: Transaction) -> None:
        messages.put_channel(tx, "#sre", "C1")
        raise Refused

    with pytest.raises(Refused):
        await store.write(half)
    assert await store.read(messages.channels) == {}


async def test_an_error_does_not_show_what_was_to_be_written(store: Store) -> None:
    with pytest.raises(DBAPIError) as caught:
        await store.write(
            lambda tx: tx.execute(text("INSERT INTO messages nowhere VALUES (:it)"), {"it": "a secret address"})
        )
    assert "nowhere" in str(caught.value)
    assert "a secret address" not in str(caught.value)


async def test_200_changes_at_once_lose_none(store: Store) -> None:
    await store.write(start_counting)
    await asyncio.gather(*(store.write(read_think_write) for _ in range(200)))
    assert await store.read(count) == 200


async def test_two_processes_that_change_the_same_row_lose_none(store: Store, database_url: str) -> None:
    await store.write(start_counting)
    other = Store(database_url)
    await asyncio.gather(*(one.write(read_think_write) for _ in range(50) for one in (store, other)))
    assert await store.read(count) == 100
    other.close()


async def test_reading_goes_on_while_somebody_writes(store: Store) -> None:
    await store.write(start_counting)
    loop = asyncio.get_running_loop()
    writing, read = asyncio.Event(), asyncio.Event()

    def slow(tx: Transaction) -> None:
        read_think_write(tx)
        loop.call_soon_threadsafe(writing.set)
        asyncio.run_coroutine_threadsafe(read.wait(), loop).result(timeout=10)

    write = asyncio.create_task(store.write(slow))
    await writing.wait()
    assert await store.read(count) == 0
    read.set()
    await write
    assert await store.read(count) == 1


@pytest.mark.parametrize("waiting", [1, 40])
async def test_what_somebody_does_waits_for_one_that_writes_and_not_for_a_queue(store: Store, waiting: int) -> None:
    done: list[str] = []
    begun, released = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(tx: Transaction) -> None:
        loop.call_soon_threadsafe(begun.set)
        assert released.wait(10)

    def noted(what: str, tx: Transaction) -> None:
        tx.execute(text("SELECT 1"))
        done.append(what)

    busy = [store.write(slow) for _ in range(1 if store.is_sqlite else POSTGRESQL_CONNECTIONS)]
    queue = asyncio.gather(*busy, *(store.write(partial(noted, "alert")) for _ in range(waiting)))
    await begun.wait()
    click = asyncio.ensure_future(store.act(partial(noted, "click")))
    await asyncio.sleep(0.05)
    released.set()
    await asyncio.gather(queue, click)
    assert done.index("click") <= 1
    assert len(done) == waiting + 1


async def test_200_changes_at_once_of_both_kinds_lose_none(store: Store) -> None:
    await store.write(start_counting)
    ways = (store.write, store.act)
    await asyncio.gather(*(ways[number % 2](read_think_write) for number in range(200)))
    assert await store.read(count) == 200


async def test_rows_must_point_at_rows(store: Store) -> None:
    def lost(tx: Transaction) -> None:
        tx.execute(text("INSERT INTO policy_versions (id, policy, version, content) VALUES ('v', 'nobody', 1, '{}')"))

    with pytest.raises(IntegrityError):
        await store.write(lost)


async def test_what_a_202_promises_is_on_the_disk(store: Store) -> None:
    if store.is_sqlite:
        assert await store.write(partial(setting, "PRAGMA journal_mode")) == "wal"
        assert await store.write(partial(setting, "PRAGMA synchronous")) == 2
    else:
        # The server's own setting; a session of ours must not weaken it.
        source = "SELECT source FROM pg_settings WHERE name = 'synchronous_commit'"
        assert await store.write(partial(setting, source)) in ("default", "configuration file")


async def test_items_that_wait_share_a_commit(store: Store) -> None:
    commits: list[int] = []

    def work(tx: Transaction, items: Sequence[int]) -> list[int]:
        commits.append(len(items))
        return [item * 2 for item in items]

    batches: Batches[int, int] = Batches(store, work, most=50)
    assert await asyncio.gather(*(batches.submit(n) for n in range(200))) == [n * 2 for n in range(200)]
    assert sum(commits) == 200 and max(commits) <= 50 and len(commits) <= 8


async def test_a_bad_item_fails_alone(store: Store) -> None:
    def work(tx: Transaction, items: Sequence[int]) -> list[int]:
        for item in items:
            messages.put_channel(tx, f"#{item}", f"C{item}")
            if item == 7:
                raise Refused(item)
        return list(items)

    batches: Batches[int, int] = Batches(store, work)
    results = await asyncio.gather(*(batches.submit(n) for n in range(20)), return_exceptions=True)
    assert [n for n, result in enumerate(results) if isinstance(result, Refused)] == [7]
    assert set(await store.read(messages.channels)) == {f"#{n}" for n in range(20) if n != 7}


async def test_what_waits_in_vain_for_somebody_s_lock_takes_nobody_along(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("SQLite has one lock for everything")

    def work(tx: Transaction, items: Sequence[int]) -> list[int]:
        tx.execute(text("SET LOCAL lock_timeout = 100"))
        for item in items:
            if item < 2:
                tx.execute(select(COUNTER).with_for_update())
            messages.put_channel(tx, f"#{item}", "C1")
        return list(items)

    await store.write(start_counting)
    batches: Batches[int, int] = Batches(store, work)
    with store.engine.begin() as somebody:
        somebody.execute(select(COUNTER).with_for_update())
        results = await asyncio.gather(*(batches.submit(n) for n in range(20)), return_exceptions=True)
    assert [n for n, result in enumerate(results) if isinstance(result, Unavailable)] == [0, 1]


async def test_when_the_database_is_away_nobody_waits_for_the_others(store: Store) -> None:
    tried: list[int] = []
    trouble = "PRAGMA query_only = ON" if store.is_sqlite else "SELECT pg_terminate_backend(pg_backend_pid())"

    def work(tx: Transaction, items: Sequence[int]) -> list[int]:
        tried.append(len(items))
        tx.execute(text(trouble))
        messages.put_channel(tx, "#sre", "C1")
        return list(items)

    batches: Batches[int, int] = Batches(store, work)
    results = await asyncio.gather(*(batches.submit(n) for n in range(20)), return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)
    assert len(tried) <= 2


async def test_somebody_who_goes_away_takes_nobody_along(store: Store) -> None:
    def work(tx: Transaction, items: Sequence[int]) -> list[int]:
        for item in items:
            messages.put_channel(tx, f"#{item}", "C")
        return list(items)

    batches: Batches[int, int] = Batches(store, work)
    submitted = [asyncio.create_task(batches.submit(n)) for n in range(10)]
    await asyncio.sleep(0)
    submitted[3].cancel()
    results = await asyncio.gather(*submitted, return_exceptions=True)
    assert [n for n, result in enumerate(results) if isinstance(result, BaseException)] == [3]
    # What was taken is done, whether or not somebody still waits for the answer.
    assert len(await store.read(messages.channels)) == 10


async def test_closing_waits_for_what_runs(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    written = asyncio.create_task(store.write(start_counting))
    await asyncio.sleep(0)
    store.close()
    await written
    again = Store(sqlite_url)
    assert await again.read(count) == 0
    again.close()


async def test_closing_puts_what_was_written_last_into_the_database(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    await store.write(start_counting)
    store.require_place()
    os.remove(f"{store.url.database}-wal")
    with pytest.raises(Unavailable, match="what was written last"):
        store.require_place()
    store.close()
    again = Store(sqlite_url)
    assert await again.read(count) == 0
    again.require_place()
    again.close()


async def test_a_file_that_comes_and_goes_with_the_connections_is_no_loss(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    store.read_now(lambda tx: None)
    store.require_place()
    store.engine.dispose()
    store.require_place()
    store.read_now(lambda tx: None)
    store.require_place()
    store.close()


async def test_what_lasts_is_not_over_with_a_lock(store: Store) -> None:
    store._note(Fault.DAMAGED)
    store._note(Fault.BUSY)
    await store.write(lambda tx: None)
    assert store.write_fault is Fault.DAMAGED
    with pytest.raises(Unavailable):
        await store.try_again()


async def test_closing_leaves_undone_what_waits_behind_somebody_elses_lock(sqlite_url: str) -> None:
    store, done = Store(sqlite_url), list[int]()
    locked = asyncio.ensure_future(store.write(lambda tx: time.sleep(LOCKED_SECONDS + 0.5)))
    waiting = [asyncio.ensure_future(store.write(lambda tx: done.append(1))) for _ in range(3)]
    await asyncio.sleep(LOCKED_SECONDS + 0.2)
    await asyncio.to_thread(store.close)
    assert not done
    await locked
    assert all(one.cancelled() for one in (await asyncio.wait(waiting))[0])


async def test_a_value_that_the_driver_refuses_is_no_outage(postgresql_url: str) -> None:
    """An alert with such a value must not hold back those that wait with it."""
    store = Store(postgresql_url)
    with pytest.raises(DataError):
        await store.read(lambda tx: tx.execute(text("SELECT :given"), {"given": "a\0b"}))
    store.close()


def session(tx: Transaction) -> int:
    """The driver's connection that a transaction is on."""
    return id(tx.connection.driver_connection)


def process(tx: Transaction) -> int:
    """PostgreSQL's process that a transaction is on; an object's own id may be another's once it is gone."""
    return int(tx.execute(text("SELECT pg_backend_pid()")).scalar_one())


async def test_a_thread_keeps_its_connection(store: Store) -> None:
    threads = 1 if store.is_sqlite else BROWSERS
    assert len({await store.browse(session) for _ in range(20)}) <= threads
    assert await store.browse(session) != store.read_now(session)


async def test_a_transaction_that_fails_leaves_its_thread_a_connection_that_works(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        messages.put_channel(tx, "#sre", "C1")
        tx.execute(text("SELECT FROM nowhere messages FROM"))

    for _ in range(10):
        with pytest.raises(DBAPIError):
            await store.write(fails)
    await store.write(lambda tx: messages.put_channel(tx, "#ops", "C2"))
    assert await store.read(messages.channels) == {"#ops": "C2"}


@pytest.mark.parametrize("where", ["read", "browse", "write", "act"])
async def test_a_transaction_that_fails_in_the_middle_of_what_it_reads_ends(store: Store, where: str) -> None:
    """Whoever holds on to the error holds on to what was being read: the next transaction sees what is new."""

    def put_many(tx: Transaction) -> None:
        for number in range(500):
            messages.put_channel(tx, f"#{number}", "C1")

    def half(tx: Transaction) -> None:
        reading = iter(tx.execute(text("SELECT channel FROM channels ORDER BY name")))
        next(reading)
        raise Refused

    await store.write(put_many)
    failed = [await asyncio.gather(getattr(store, where)(half), return_exceptions=True) for _ in range(5)]
    for name in ("#new", "#newer"):
        # The pool gives a thread that rested another's.
        await asyncio.sleep(RESTED_SECONDS + 0.1)
        await store.write(partial(messages.put_channel, name=name, channel="C2"))
        for look in (store.read, store.browse, store.act):
            assert name in await look(messages.channels)
    assert all(isinstance(error, Refused) for (error,) in failed)


def test_connections_held_in_reserve_are_given_back_when_the_primary_is_looked_for(
    postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Store(postgresql_url)) as store:
        connections = Connections(store.engine)

        @event.listens_for(store.engine, "connect", once=True)
        def fail_over(*_: object) -> None:
            connections.heed(Fault.READ_ONLY)

        connections.reserve()
        assert not caplog.messages
        connections.reserve()
        pool = store.engine.pool
        assert isinstance(pool, QueuePool) and (pool.checkedout(), pool.checkedin()) == (0, pool.size())


async def test_connections_that_the_server_closed_are_made_anew(postgresql_url: str) -> None:
    store = Store(postgresql_url)
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid != "
    )
    kept = await store.browse(process)
    store.write_now(lambda tx: tx.execute(text(f"{others.text} pg_backend_pid()")).all())
    # In use a moment ago: whoever is on it may hear that it is gone, and the next is on another.
    with suppress(Unavailable):
        await store.browse(lambda tx: tx.execute(text("SELECT 1")).scalar())
    assert await store.browse(process) != kept
    store.close()


async def test_connections_that_rested_are_looked_at_before_they_are_used(postgresql_url: str) -> None:
    store = Store(postgresql_url)
    kept = await store.browse(process)
    store.write_now(lambda tx: tx.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": kept}).all())
    await asyncio.sleep(RESTED_SECONDS)
    assert await store.browse(lambda tx: tx.execute(text("SELECT 1")).scalar()) == 1
    store.close()


async def test_connections_of_a_pool_that_was_given_up_are_closed(postgresql_url: str) -> None:
    store = Store(postgresql_url)
    before = await store.browse(process)
    store.engine.dispose()
    assert await store.browse(process) != before
    store.close()
    assert not store._to_read._pools


async def test_connections_that_the_server_has_just_ended_are_not_used(postgresql_url: str) -> None:
    store = Store(postgresql_url)
    at_once = [store.read(lambda tx: tx.execute(text("SELECT pg_sleep(0.05)")).scalar()) for _ in range(5)]
    await asyncio.gather(*at_once)
    ended = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid != "
    )
    store.write_now(lambda tx: tx.execute(text(f"{ended.text} pg_backend_pid()")).all())
    await asyncio.sleep(RESTED_SECONDS / 5)
    for _ in range(20):
        assert await store.read(lambda tx: tx.execute(text("SELECT 1")).scalar()) == 1
    store.close()
