"""What has to leave: queued once, taken by one, given back when its holder dies, gone when it is out."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import text

from storage import claims, dues, outbox
from storage.outbox import HELD, Kind, Parcel
from storage.prepared import flush
from storage.store import Store, Transaction

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def card(incident: str = "one", due_at: datetime = NOW) -> Parcel:
    return Parcel(kind=Kind.CARD, incident=incident, due_at=due_at)


def page(subject: str, incident: str = "one", due_at: datetime = NOW) -> Parcel:
    return Parcel(kind=Kind.PAGE, incident=incident, subject=subject, due_at=due_at)


def put(store: Store, *parcels: Parcel) -> None:
    store.write_now(lambda tx: outbox.put(tx, parcels))


def due(store: Store, now: datetime = NOW, limit: int = 100) -> list[Parcel]:
    return store.write_now(lambda tx: outbox.due(tx, now, limit))


def take(tx: Transaction, holder: str, limit: int = 100, now: datetime = NOW) -> list[Parcel]:
    found = outbox.due(tx, now, limit)
    claims.claim(tx, found, holder, now + LEASE)
    return found


def claim(store: Store, holder: str = "me", now: datetime = NOW) -> list[Parcel]:
    return store.write_now(lambda tx: take(tx, holder, now=now))


def finish(store: Store, parcels: list[Parcel]) -> None:
    store.write_now(lambda tx: outbox.finish(tx, [parcel.id for parcel in parcels]))


def test_a_parcel_comes_back_as_it_was_put(store: Store) -> None:
    parcel = Parcel(kind=Kind.PAGE, incident="one", subject="n1", due_at=NOW, lane="C1")
    put(store, parcel)
    [found] = store.write_now(lambda tx: outbox.due(tx, NOW, 9, "C1"))
    assert store.read_now(dues.lanes) == ["C1"]
    assert replace(found, id=0) == parcel
    assert type(found.kind) is Kind and found.due_at.utcoffset() == timedelta(0)


def test_pages_leave_first_then_what_was_due_first(store: Store) -> None:
    early = NOW - timedelta(minutes=1)
    lines = [Parcel(kind=Kind.LINE, incident="one", subject=f"line{n}", due_at=NOW) for n in range(5)]
    put(store, *lines, card("one"), card("two", early), page("n1"))
    kinds = [parcel.subject or parcel.incident for parcel in due(store)]
    assert kinds == ["n1", "two", "one", *(f"line{n}" for n in range(5))]


def test_what_is_not_due_waits(store: Store) -> None:
    later = NOW + timedelta(seconds=1)
    put(store, card(due_at=later))
    assert due(store) == []
    assert store.read_now(dues.next_due) == later
    assert len(due(store, later)) == 1


def test_a_newer_refresh_is_the_one_that_waits(store: Store) -> None:
    put(store, card(), card(), card("two"))
    put(store, card())
    assert sorted(parcel.incident for parcel in due(store)) == ["one", "two"]


def test_a_refresh_brings_the_one_that_waits_forward_and_never_back(store: Store) -> None:
    soon, later = NOW + timedelta(seconds=10), NOW + timedelta(minutes=1)
    put(store, card(due_at=later))
    put(store, card(due_at=soon))
    assert store.read_now(dues.next_due) == soon
    put(store, card(due_at=later))
    assert store.read_now(dues.next_due) == soon


def test_a_refresh_waits_for_the_one_on_its_way(store: Store) -> None:
    put(store, card())
    first = claim(store)
    put(store, card())
    assert due(store) == []
    finish(store, first)
    assert len(due(store)) == 1


def test_what_is_out_is_gone(store: Store) -> None:
    put(store, card())
    finish(store, claim(store))
    assert store.read_now(outbox.waiting) == 0
    assert store.read_now(dues.next_due) is None


def test_what_is_claimed_is_nobody_elses(store: Store) -> None:
    put(store, card())
    assert len(claim(store, "me")) == 1
    assert claim(store, "you") == []


async def test_five_senders_share_100_parcels(store: Store) -> None:
    put(store, *(page(f"n{n}") for n in range(100)))

    async def send(holder: str) -> list[int]:
        taken: list[int] = []
        while parcels := await store.write(partial(take, holder=holder, limit=7)):
            taken += [parcel.id for parcel in parcels]
        return taken

    shares = await asyncio.gather(*(send(f"sender {n}") for n in range(5)))
    taken = [identity for share in shares for identity in share]
    assert len(taken) == len(set(taken)) == 100


def test_a_dead_holders_parcel_comes_back_when_its_lease_is_over(store: Store) -> None:
    put(store, page("n1"))
    [taken] = claim(store)
    before, after = NOW + LEASE - timedelta(seconds=1), NOW + LEASE
    assert store.read_now(dues.next_due) == after
    assert store.write_now(lambda tx: claims.reclaim(tx, before)) == 0
    assert store.write_now(lambda tx: claims.reclaim(tx, after)) == 1
    [again] = due(store, after)
    assert (again.id, again.attempts, again.is_ambiguous) == (taken.id, 1, True)


def test_a_restart_takes_back_what_the_process_before_it_held(store: Store) -> None:
    put(store, page("n1"), page("n2"))
    claim(store, "before")
    put(store, page("n3"))
    claim(store, "now")
    assert store.write_now(lambda tx: claims.take_all(tx, NOW, "now")) == 2
    assert [parcel.subject for parcel in due(store)] == ["n1", "n2"]


def test_a_failed_try_waits_and_keeps_count(store: Store) -> None:
    later = NOW + timedelta(seconds=5)
    put(store, page("n1"))
    [taken] = claim(store)
    store.write_now(lambda tx: outbox.postpone(tx, [(taken.id, later, True)]))
    assert due(store) == []
    [again] = claim(store, now=later)
    assert (again.id, again.attempts, again.is_ambiguous) == (taken.id, 1, True)
    store.write_now(lambda tx: outbox.postpone(tx, [(taken.id, later, False)]))
    assert [(parcel.attempts, parcel.is_ambiguous) for parcel in due(store, later)] == [(2, False)]


def test_what_waits_can_wait_longer(store: Store) -> None:
    later = NOW + timedelta(seconds=5)
    put(store, page("n1"), page("n2"))
    [first, _] = due(store)
    store.write_now(lambda tx: outbox.postpone(tx, [(first.id, later, False)]))
    assert [parcel.subject for parcel in due(store)] == ["n2"]
    assert [parcel.attempts for parcel in due(store, later)] == [0, 0]


def test_a_failed_refresh_makes_room_for_the_newer_one(store: Store) -> None:
    put(store, card())
    [old] = claim(store)
    put(store, card())
    store.write_now(lambda tx: outbox.postpone(tx, [(old.id, NOW + timedelta(minutes=1), False)]))
    [left] = due(store)
    assert left.id != old.id and left.attempts == 0
    assert store.read_now(outbox.waiting) == 1


def test_a_card_that_was_not_posted_is_no_edit_yet_whatever_came_meanwhile(store: Store) -> None:
    first = replace(card(), lane="posts:sre", ahead=2)
    put(store, first)
    [old] = store.write_now(lambda tx: outbox.due(tx, NOW, 1, "posts:sre"))
    store.write_now(lambda tx: claims.claim(tx, [old], "me", NOW + LEASE))
    put(store, replace(card(), lane=outbox.EDITS))
    store.write_now(lambda tx: outbox.postpone(tx, [(old.id, NOW, False)]))
    [left] = store.write_now(lambda tx: outbox.due(tx, NOW, 9, "posts:sre"))
    assert (left.ahead, left.attempts) == (2, 0) and store.read_now(outbox.waiting) == 1


async def test_a_refresh_that_comes_while_one_fails_takes_its_place(store: Store) -> None:
    """Two transactions meet at the key: on PostgreSQL neither may fail, for a receipt would be lost with it."""
    put(store, card())
    [old] = claim(store)
    loop = asyncio.get_running_loop()
    written = asyncio.Event()

    def refresh(tx: Transaction) -> None:
        outbox.put(tx, [card()])
        flush(tx)
        loop.call_soon_threadsafe(written.set)
        time.sleep(0.2)

    refreshing = asyncio.create_task(store.write(refresh))
    await written.wait()
    await store.write(lambda tx: outbox.postpone(tx, [(old.id, NOW, False)]))
    await refreshing
    assert [parcel.id for parcel in due(store)] != [old.id]
    assert store.read_now(outbox.waiting) == 1


def test_what_hangs_under_a_card_goes_when_the_card_is_there(store: Store) -> None:
    held = Parcel(kind=Kind.RUN, incident="one", due_at=HELD)
    store.write_now(lambda tx: outbox.put_new(tx, [held, replace(held, incident="two")]))
    far = NOW + timedelta(days=3650)
    assert due(store, far) == []
    store.write_now(lambda tx: outbox.release(tx, ["one"], NOW))
    assert [parcel.incident for parcel in due(store)] == ["one"]
    assert [parcel.incident for parcel in due(store, far)] == ["one"]


def test_an_acknowledgement_takes_the_waiting_pages_of_its_incident_away(store: Store) -> None:
    put(store, page("sent"))
    claim(store)
    put(store, page("n1"), page("n2", "two"), card())
    store.write_now(lambda tx: outbox.cancel_pages(tx, "one"))
    assert [parcel.subject or parcel.kind for parcel in due(store)] == ["n2", Kind.CARD]
    assert store.read_now(outbox.waiting) == 3


def test_a_page_that_is_taken_away_leaves_the_doubt_whether_it_has_posted_the_card(store: Store) -> None:
    put(store, replace(page("n1"), lane="posts:sre", is_ambiguous=True), replace(card(), lane="posts:sre"))
    store.write_now(lambda tx: outbox.cancel_pages(tx, "one"))
    assert store.read_now(lambda tx: claims.in_doubt(tx, "one")), "whoever posts the card looks for it first"


def test_what_cannot_leave_is_kept_and_is_in_nobodys_way(store: Store) -> None:
    put(store, card())
    failed = claim(store)
    store.write_now(lambda tx: outbox.fail(tx, [parcel.id for parcel in failed]))
    assert (store.read_now(outbox.waiting), store.read_now(dues.next_due)) == (0, None)
    put(store, card())
    assert len(claim(store)) == 1


def test_what_leaves_is_numbered_anew_once_the_numbers_are_used_up(postgresql_url: str) -> None:
    opened = Store(postgresql_url)
    last = text("ALTER SEQUENCE outbox_id_seq RESTART WITH 2147483647")
    opened.write_now(lambda tx: tx.execute(last))
    put(opened, page("before"), page("after"))
    taken = claim(opened)
    assert {parcel.subject for parcel in taken} == {"before", "after"}
    later = NOW + timedelta(minutes=1)
    opened.write_now(lambda tx: outbox.postpone(tx, [(parcel.id, later, True) for parcel in taken]))
    finish(opened, claim(opened, now=later))
    assert opened.read_now(outbox.waiting) == 0
    opened.close()
