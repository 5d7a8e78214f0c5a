"""Cards that a channel refused are put back: those of open incidents that have none, so many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.incidents import Incident, Severity, Status
from storage import incidents, messages, outbox, refused_cards
from storage.identifiers import new_short_id
from storage.messages import Place
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
SRE = "#sre-incidents"


def incident(name: str) -> Incident:
    return Incident(
        id=name, short_id=new_short_id(), title="redis is down", severity=Severity.SEV1, detected_at=NOW,
        created_at=NOW, source="alertmanager", group_key=name, channel=SRE,
    )  # fmt: skip


def refuse(tx: Transaction, kept: Sequence[Incident]) -> None:
    """Each of these incidents has a card that Slack refused for good."""
    incidents.add(tx, kept)
    outbox.put(tx, [Parcel(kind=Kind.CARD, incident=one.id, due_at=NOW, lane=outbox.posts(SRE)) for one in kept])
    outbox.fail(tx, [parcel.id for parcel in outbox.due(tx, NOW, 100, outbox.posts(SRE))])


def put_back(store: Store, limit: int) -> int:
    return store.write_now(lambda tx: refused_cards.put_back(tx, SRE, LATER, limit))


def waiting(store: Store) -> list[str]:
    return sorted(one.incident for one in store.write_now(lambda tx: outbox.due(tx, LATER, 100, outbox.posts(SRE))))


def test_they_go_so_many_at_once_and_each_once(store: Store) -> None:
    store.write_now(lambda tx: refuse(tx, [incident(name) for name in ("a", "b", "c")]))
    assert put_back(store, 2) == 2
    assert waiting(store) == ["a", "b"]
    assert (put_back(store, 2), put_back(store, 2)) == (1, 0)
    assert waiting(store) == ["a", "b", "c"]


def test_what_is_over_has_a_card_or_is_elsewhere_stays(store: Store) -> None:
    over = replace(incident("over"), status=Status.RESOLVED, resolved_at=NOW)
    kept = [over, incident("shown"), replace(incident("elsewhere"), channel="#billing"), incident("open")]
    store.write_now(lambda tx: refuse(tx, kept))
    store.write_now(lambda tx: messages.put(tx, [Place("card:shown", "shown", "C1", "1.0")]))
    assert put_back(store, 9) == 1
    assert waiting(store) == ["open"]


def test_one_that_waits_already_is_not_sent_twice(store: Store) -> None:
    store.write_now(lambda tx: refuse(tx, [incident("a")]))
    store.write_now(lambda tx: outbox.put(tx, [Parcel(kind=Kind.CARD, incident="a", due_at=NOW, lane=outbox.EDITS)]))
    assert put_back(store, 9) == 1
    assert waiting(store) == []
    assert len(store.write_now(lambda tx: outbox.due(tx, LATER, 100, outbox.EDITS))) == 1


def test_lines_go_in_their_order_where_the_card_is(store: Store) -> None:
    lines = [
        Parcel(kind=Kind.LINE, incident=of, subject=it, due_at=NOW) for of, it in (("b", "1"), ("a", "2"), ("c", "3"))
    ]
    store.write_now(lambda tx: incidents.add(tx, [incident(name) for name in ("a", "b", "c")]))
    store.write_now(lambda tx: messages.put(tx, [Place(f"card:{name}", name, "C1", "1.0") for name in ("a", "b")]))
    store.write_now(lambda tx: outbox.put(tx, lines))
    store.write_now(lambda tx: outbox.fail(tx, [parcel.id for parcel in outbox.due(tx, NOW, 9)]))
    for _ in range(2):
        store.write_now(lambda tx: refused_cards.put_lines_back(tx, SRE, LATER, 9))
    due = store.write_now(lambda tx: outbox.due(tx, LATER, 9, outbox.posts(SRE)))
    assert [(one.incident, one.subject) for one in due] == [("b", "1"), ("a", "2")]


@pytest.mark.parametrize("query_of", [refused_cards.refused_query, refused_cards.refused_lines_query])
def test_what_is_over_is_not_gone_through(sqlite_url: str, query_of: Callable[[str, int], Any]) -> None:
    store = Store(sqlite_url)
    query = query_of(SRE, 50)
    written = str(query.compile(store.engine, compile_kwargs={"literal_binds": True}))
    plan = store.read_now(lambda tx: [str(row) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")])
    store.close()
    assert not [line for line in plan if "SCAN" in line], plan
    assert "incidents_by_status" in plan[0]
