"""Many rows in one statement: what one after the other does, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Boolean, Column, Float, Integer, MetaData, String, Table, delete, event, select
from sqlalchemy.exc import IntegrityError

from storage.bulk import insert_many, update_many
from storage.moments import Moment
from storage.store import Store, Transaction
from storage.upserts import Upsert
from storage.vault import SealedJSON
from tests.integration.own_table import store_with

Row = dict[str, Any]
NOON = datetime(2026, 7, 1, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
THINGS = Table(
    "bulk_things",
    MetaData(),
    Column("key", String, primary_key=True),
    Column("number", Integer),
    Column("share", Float),
    Column("by", String),
    Column("at", Moment),
    Column("facts", JSON, nullable=False),
    Column("secrets", SealedJSON, nullable=False),
    Column("is_good", Boolean, nullable=False, server_default="true"),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
FACTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**70) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
).filter(lambda facts: facts is not None)
ROWS = st.fixed_dictionaries(
    {
        "number": st.none() | st.integers(-(2**31), 2**31 - 1),
        "share": st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32),
        "by": st.none() | TEXTS,
        "at": st.none() | st.datetimes(timezones=st.just(UTC)),
        "facts": FACTS,
        "secrets": st.fixed_dictionaries({"target": TEXTS}),
        "is_good": st.booleans(),
    }
)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def things(database_url: str) -> Iterator[Store]:
    with store_with(THINGS, database_url) as opened:
        yield opened


def named(rows: list[Row]) -> list[Row]:
    return [{"key": f"k{number}"} | row for number, row in enumerate(rows)]


def kept(store: Store) -> list[Row]:
    found = store.write_now(lambda tx: list(tx.execute(select(THINGS).order_by(THINGS.c.key))))
    return [row._asdict() for row in found]


def emptied(tx: Transaction) -> None:
    tx.execute(delete(THINGS))


@MANY
@given(st.lists(ROWS, min_size=2, max_size=5))
def test_rows_that_are_kept_together_are_those_kept_alone(things: Store, rows: list[Row]) -> None:
    given_rows = named(rows)
    things.write_now(emptied)
    for row in given_rows:
        things.write_now(lambda tx, row=row: insert_many(tx, THINGS, [row]))  # type: ignore[misc]
    alone = kept(things)
    things.write_now(emptied)
    things.write_now(lambda tx: insert_many(tx, THINGS, given_rows))
    assert kept(things) == alone


@MANY
@given(st.lists(ROWS, min_size=2, max_size=5), st.lists(ROWS, min_size=5, max_size=5))
def test_rows_that_are_changed_together_are_those_changed_alone(
    things: Store, before: list[Row], after: list[Row]
) -> None:
    changed = named(after[: len(before)])
    things.write_now(emptied)
    things.write_now(lambda tx: insert_many(tx, THINGS, named(before)))
    things.write_now(lambda tx: update_many(tx, THINGS, "key", changed))
    together = kept(things)
    things.write_now(emptied)
    things.write_now(lambda tx: insert_many(tx, THINGS, changed))
    assert together == kept(things)


def test_columns_that_are_not_given_keep_what_they_have(things: Store) -> None:
    facts = {"at": NOON, "facts": [1], "secrets": {"target": "https://hooks.example/secret"}}
    things.write_now(lambda tx: insert_many(tx, THINGS, [{"key": "a", **facts}, {"key": "b", **facts}]))
    things.write_now(lambda tx: update_many(tx, THINGS, "key", [{"key": "a", "by": "ada"}, {"key": "b", "by": "bob"}]))
    assert [(row["by"], row["at"], row["is_good"]) for row in kept(things)] == [
        ("ada", NOON, True),
        ("bob", NOON, True),
    ]


def test_a_number_of_any_length_is_kept_whole(things: Store) -> None:
    rows = [{"key": name, "at": NOON, "facts": {"n": 2**70, 7: "é"}, "secrets": {}} for name in "ab"]
    things.write_now(lambda tx: insert_many(tx, THINGS, rows))
    assert [(row["facts"], row["at"]) for row in kept(things)] == [({"n": 2**70, "7": "é"}, NOON)] * 2


def test_times_without_a_zone_are_refused(things: Store) -> None:
    rows = [{"key": name, "at": NOON.replace(tzinfo=None), "facts": [], "secrets": {}} for name in "ab"]
    with pytest.raises(ValueError, match="zone"):
        things.write_now(lambda tx: insert_many(tx, THINGS, rows))


def test_one_of_many_that_is_refused_leaves_none(things: Store) -> None:
    rows = [{"key": "a", "facts": [], "secrets": {}}, {"key": "a", "facts": [], "secrets": {}}]
    with pytest.raises(IntegrityError):
        things.write_now(lambda tx: insert_many(tx, THINGS, rows))
    assert kept(things) == []


def test_many_rows_are_one_statement_on_postgresql(things: Store) -> None:
    said: list[int] = []
    event.listen(things.engine, "before_cursor_execute", lambda *told: said.append(len(told[3])))
    rows = [{"key": f"k{number:03}", "facts": {}, "secrets": {}} for number in range(100)]
    things.write_now(lambda tx: insert_many(tx, THINGS, rows))
    given_values = [count for count in said if count]
    assert given_values == ([100] if things.is_sqlite else [1])


def test_rows_that_are_there_are_settled_as_said(things: Store) -> None:
    counted = Upsert(
        THINGS,
        ("key", "number", "facts", "secrets"),
        "key",
        lambda inserting: inserting.on_conflict_do_update(
            index_elements=["key"], set_={"number": THINGS.c.number + inserting.excluded.number}
        ),
    )
    row = {"number": 1, "facts": [], "secrets": {}}
    for names in ("ab", "bc", "bb", "d", ""):
        things.write_now(lambda tx, names=names: counted.put(tx, [{"key": name} | row for name in names]))  # type: ignore[misc]
    assert [(one["key"], one["number"]) for one in kept(things)] == [("a", 1), ("b", 4), ("c", 1), ("d", 1)]
