"""Statements that go to the driver as they are: what SQLAlchemy does for any other, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Boolean, Column, Integer, MetaData, String, Table, bindparam, delete, event, insert, select
from sqlalchemy import update as updating
from sqlalchemy.exc import IntegrityError

from domain.errors import Unavailable
from storage.moments import Moment
from storage.prepared import among, prepared
from storage.store import Store, Transaction
from storage.vault import Sealed
from tests.integration.own_table import store_with

NOON = datetime(2026, 7, 1, 14, tzinfo=timezone(timedelta(hours=2)))
THINGS = Table(
    "prepared_things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String, unique=True),
    Column("at", Moment),
    Column("facts", JSON, nullable=False),
    Column("is_good", Boolean, nullable=False),
    Column("secret", Sealed),
)
COLUMNS = ("name", "at", "facts", "is_good", "secret")
PUT = prepared(insert(THINGS), COLUMNS)
ALL = prepared(select(THINGS).order_by(THINGS.c.id))
NAMED = prepared(select(THINGS.c.name).where(among(THINGS.c.name, "names"), THINGS.c.is_good).order_by(THINGS.c.name))
NUMBERED = prepared(select(THINGS.c.name).where(among(THINGS.c.id, "ids")))
SINCE = prepared(select(THINGS.c.name).where(THINGS.c.at >= NOON, THINGS.c.name.in_(["a", "b"])))
MARK = prepared(updating(THINGS).where(THINGS.c.name == bindparam("of")).values(is_good=bindparam("good")))
TAKE = prepared(delete(THINGS).where(THINGS.c.name == bindparam("of")).returning(THINGS.c.facts, THINGS.c.at))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with store_with(THINGS, database_url) as opened:
        yield opened


def thing(name: str, **said: Any) -> dict[str, Any]:
    return {"name": name, "at": NOON, "facts": [], "is_good": True, "secret": None} | said


def put(store: Store, *things: dict[str, Any]) -> None:
    store.write_now(lambda tx: tx.execute(PUT, list(things)))


def test_what_goes_in_comes_out_as_it_was(store: Store) -> None:
    secret, facts = "https://discord.example/api/webhooks/1/x", {"a": ["é", None, 1.5]}
    put(store, thing("a", facts=facts, secret=secret), thing("b", at=None, is_good=False))
    plain = store.write_now(lambda tx: [tuple(row) for row in tx.execute(select(THINGS).order_by(THINGS.c.id))])
    a, b = store.write_now(lambda tx: tx.execute(ALL))
    assert [tuple(a), tuple(b)] == plain
    assert (a.name, a.at, a.facts, a.is_good, a.secret) == ("a", NOON, facts, True, secret)
    assert a.at.tzinfo is UTC and (b.at, b.is_good, b.facts) == (None, False, [])
    raw = store.write_now(lambda tx: tx.exec_driver_sql("SELECT secret FROM prepared_things WHERE name = 'a'").scalar())
    assert str(raw).startswith("sealed:")


def test_one_set_of_values_or_many(store: Store) -> None:
    put(store, thing("a"), thing("b"))
    put(store, thing("c"))

    def work(tx: Transaction) -> tuple[Any, ...]:
        tx.execute(MARK, [{"of": "a", "good": False}, {"of": "b", "good": False}])
        marked = tx.execute(MARK, {"of": "nobody", "good": True}).rowcount
        return (
            list(tx.execute(NAMED, {"names": ["a", "b", "c"]}).scalars()),
            marked,
            tx.execute(TAKE, {"of": "c"}).one(),
        )

    named, marked, taken = store.write_now(work)
    assert named == ["c"] and marked == 0 and (taken.facts, taken.at) == ([], NOON)


def test_what_the_statement_itself_says_is_converted_too(store: Store) -> None:
    put(store, thing("a"), thing("b", at=NOON - timedelta(seconds=1)), thing("c"))
    assert list(store.write_now(lambda tx: tx.execute(SINCE).scalars())) == ["a"]


def test_results_are_asked_as_sqlalchemys(store: Store) -> None:
    put(store, thing("a"))
    some: dict[str, list[str]] = {"names": ["a"]}
    none: dict[str, list[str]] = {"names": []}

    def work(tx: Transaction) -> None:
        first = tx.execute(NAMED, some).first()
        assert first and first.name == tx.execute(NAMED, some).scalar() == "a"
        assert tx.execute(NAMED, some).scalar_one() == "a" and list(tx.execute(NAMED, some).all()) == [("a",)]
        assert tx.execute(NAMED, none).first() is tx.execute(NAMED, none).scalar() is None
        assert list(tx.execute(NUMBERED, {"ids": []})) == []
        with pytest.raises(ValueError, match="not enough values"):
            tx.execute(NAMED, none).one()

    store.write_now(work)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_any_name_is_among_those_given_and_no_other_is(store: Store, names: list[str]) -> None:
    there = list(dict.fromkeys(names[::2]))
    store.write_now(lambda tx: tx.execute(delete(THINGS)))
    if there:
        put(store, *map(thing, there))
    found = store.write_now(lambda tx: tx.execute(NAMED, {"names": [*names[1::2], *there]}).scalars())
    assert sorted(found) == sorted(there)
    numbers = store.write_now(lambda tx: tx.execute(NUMBERED, {"ids": list(range(-3, 100_000))}).scalars())
    assert sorted(numbers) == sorted(there)


def test_what_goes_wrong_has_sqlalchemys_name_and_tells_no_values(store: Store) -> None:
    put(store, thing("a"))
    with pytest.raises(IntegrityError) as refused:
        put(store, thing("a", secret="hush hush"))
    assert "hush" not in str(refused.value)
    assert store.write_now(lambda tx: tx.execute(ALL).all())[0].name == "a"


def test_a_connection_that_is_gone_is_given_up(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("there is nobody to hang up")

    def hung_up(tx: Transaction) -> None:
        mine = tx.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with store.engine.connect() as other:
            other.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (mine,))
        tx.execute(ALL)

    with pytest.raises(Unavailable):
        store.write_now(hung_up)
    assert store.write_now(lambda tx: list(tx.execute(ALL))) == []


def test_who_listens_hears_of_them(store: Store) -> None:
    heard: list[tuple[str, bool]] = []

    def listen(_: object, __: object, statement: str, ___: object, ____: object, is_many: bool) -> None:
        heard.append((statement.split()[0], is_many))

    event.listen(store.engine, "before_cursor_execute", listen)
    put(store, thing("a"), thing("b"))
    store.write_now(lambda tx: tx.execute(ALL))
    assert [one for one in heard if one[0] != "BEGIN"] == [("INSERT", True), ("SELECT", False)]
