"""Who sends what, when several processes share a database: taken over, told, counted, and never answered for twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import make_url, text

from storage import claims, outbox
from storage.outbox import Kind, Parcel
from storage.presence import GONE_SECONDS, Presence, is_free, living
from storage.store import Store

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
LEASE = timedelta(seconds=35)


def page(subject: str, lane: str = "") -> Parcel:
    return Parcel(kind=Kind.PAGE, incident="one", subject=subject, due_at=NOW, lane=lane)


def take(store: Store, holder: str, now: datetime = NOW) -> list[Parcel]:
    return store.write_now(lambda tx: claims.claim(tx, outbox.due(tx, now, 100), holder, now + LEASE))


def put(store: Store, *parcels: Parcel) -> None:
    store.write_now(lambda tx: outbox.put(tx, parcels))


def reclaim(store: Store, now: datetime) -> int:
    return store.write_now(lambda tx: claims.reclaim(tx, now))


def stands(store: Store, parcels: list[Parcel]) -> bool:
    return bool(store.write_now(lambda tx: claims.answerable(tx, parcels)))


def test_a_claim_that_another_has_taken_over_counts_no_more(store: Store) -> None:
    put(store, page("n1"))
    first = take(store, "frozen")
    assert stands(store, first)
    assert reclaim(store, NOW + LEASE) == 1
    assert stands(store, first), "nobody has taken it: what became of it is still worth knowing"
    second = take(store, "other", NOW + LEASE)
    assert not stands(store, first)
    assert stands(store, second)
    assert store.write_now(lambda tx: claims.renew(tx, first, NOW + 3 * LEASE)) == frozenset()
    assert store.write_now(lambda tx: claims.renew(tx, second, NOW + 3 * LEASE)) == {second[0].id}
    assert reclaim(store, NOW + 2 * LEASE) == 0


def test_a_claim_that_the_same_process_has_made_again_is_another(store: Store) -> None:
    put(store, page("n1"))
    first = take(store, "me")
    reclaim(store, NOW + LEASE)
    second = take(store, "me", NOW + LEASE)
    assert not stands(store, first) and stands(store, second)


def test_what_is_in_hand_is_not_given_back_by_its_own_process(store: Store) -> None:
    put(store, page("n1"), page("n2"))
    taken = take(store, "me")
    assert store.write_now(lambda tx: claims.reclaim(tx, NOW + LEASE, {taken[0].id})) == 1
    assert [parcel.subject for parcel in take(store, "me", NOW + LEASE)] == [taken[1].subject]


def test_a_claim_whose_answer_was_lost_is_made_again(store: Store) -> None:
    put(store, page("n1"), page("n2"))
    known, _ = take(store, "me")
    assert store.write_now(lambda tx: claims.forget(tx, NOW, "me", {known.id})) == 1
    assert len(take(store, "me")) == 1


def test_a_refresh_that_takes_the_place_of_one_that_may_be_out_has_its_doubt(store: Store) -> None:
    card = Parcel(kind=Kind.CARD, incident="one", due_at=NOW)
    put(store, card)
    take(store, "killed")
    put(store, card)
    reclaim(store, NOW + LEASE)
    [again] = take(store, "other", NOW + LEASE)
    assert again.is_ambiguous, "it has to ask whether there is a card before it posts one"


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.01)


@pytest.fixture
async def pair(postgresql_url: str) -> AsyncIterator[tuple[Presence, Presence, Store]]:
    """Two processes' names on one database."""
    stores = Store(postgresql_url), Store(postgresql_url)
    one, other = Presence(stores[0], "one"), Presence(stores[1], "other")
    await one.announce()
    await other.announce()
    yield one, other, stores[0]
    await one.close()
    await other.close()
    for store in stores:
        store.close()


async def test_one_rings_and_the_other_hears_it(pair: tuple[Presence, Presence, Store]) -> None:
    one, other, _ = pair
    heard: list[str] = []
    one.rung, other.rung = lambda: heard.append("one"), lambda: heard.append("other")
    for _ in range(100):
        one.ring()
    await until(lambda: bool(heard))
    await asyncio.sleep(0.2)
    assert set(heard) == {"other"}
    assert len(heard) <= 3, "many rings in a moment are one"


async def test_a_process_shows_itself_wherever_its_connections_lead(postgresql_url: str) -> None:
    """SQLAlchemy takes a port with each of several hosts, which libpq does not."""
    url = make_url(postgresql_url)
    hosts = tuple(f"{url.query['host']}:{port}" for port in (1, 5432))
    store = Store(url.set(query={"host": hosts}).render_as_string(hide_password=False))
    one = Presence(store, "one")
    await one.announce()
    assert one.is_held and store.read_now(living) == 1
    await one.close()
    store.close()


async def test_a_name_that_was_not_to_be_had_at_first_is_held_later(pair: tuple[Presence, Presence, Store]) -> None:
    """Its former connection was lost without a word, and the server ends that later."""
    _, _, store = pair
    with store.engine.connect() as former:
        former.execute(text("SELECT pg_advisory_lock(hashtext('late'))"))
        late = Presence(store, "late")
        await late.announce()
        former.execute(text("SELECT pg_advisory_unlock_all()"))
    await until(lambda: not store.read_now(lambda tx: is_free(tx, "late")))
    await late.close()


async def test_who_has_let_go_rings_nobody(pair: tuple[Presence, Presence, Store]) -> None:
    one, _, _ = pair
    await one.close()
    one.ring()
    assert "ring" not in {task.get_name() for task in asyncio.all_tasks()}, "its store may be closed"


async def test_who_has_just_begun_takes_over_at_once(pair: tuple[Presence, Presence, Store]) -> None:
    one, other, store = pair
    put(store, page("n1"))
    take(store, "other")
    await other.close()
    await until(lambda: store.read_now(living) == 1)
    assert store.read_now(lambda tx: one.gone(tx, 0)) == ["other"]


async def test_the_living_are_counted_and_the_dead_are_found(pair: tuple[Presence, Presence, Store]) -> None:
    one, other, store = pair
    put(store, page("n1"))
    take(store, "other")
    assert store.read_now(living) == 2
    assert store.read_now(lambda tx: one.gone(tx, 0)) == []
    await other.close()
    await until(lambda: store.read_now(living) == 1)
    assert store.read_now(lambda tx: one.gone(tx, 100)) == [], "it may only have lost its connection"
    assert store.read_now(lambda tx: one.gone(tx, 100 + GONE_SECONDS)) == ["other"]


async def test_a_name_is_held_again_after_the_connection_was_lost(pair: tuple[Presence, Presence, Store]) -> None:
    one, other, store = pair
    put(store, page("n1"))
    take(store, "other")
    rung: list[str] = []
    other.rung = lambda: rung.append("other")
    ended = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert store.write_now(lambda tx: tx.execute(ended).scalar_one()) >= 2
    await until(lambda: bool(rung))
    # It looks, since what was rung meanwhile it has not heard.
    await until(lambda: store.read_now(living) == 2)
    assert store.read_now(lambda tx: one.gone(tx, 0)) == []
    one.ring()
    await until(lambda: len(rung) > 1)


def test_what_only_a_newer_version_can_send_is_left_to_it(store: Store) -> None:
    put(store, page("n1"), page("n2"))
    rows = text("UPDATE outbox SET kind = 'of the next version' WHERE subject = 'n1'")
    store.write_now(lambda tx: tx.execute(rows))
    assert [parcel.subject for parcel in take(store, "me")] == ["n2"]
