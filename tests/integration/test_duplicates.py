"""What a group was merged into is found at the price of one merge, however often it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event

from domain.incidents import Incident, Status
from storage import incidents
from storage.store import Store
from tests.integration.test_refused_cards import NOW, incident

PLACE = ("alertmanager", "a")


def merged(name: str, into: str, minutes: int, group: str = "a") -> Incident:
    closed = replace(incident(name), status=Status.RESOLVED, resolved_at=NOW, group_key=group, duplicate_of=into)
    return replace(closed, created_at=NOW + timedelta(minutes=minutes))


def found(store: Store, *kept: Incident) -> str:
    store.write_now(lambda tx: incidents.add(tx, kept))
    return store.read_now(lambda tx: incidents.open_groups(tx, [PLACE])).get(PLACE, "")


def test_it_is_the_last_that_leads_to_something_open(store: Store) -> None:
    over = replace(incident("over"), status=Status.RESOLVED, resolved_at=NOW, group_key="o")
    by_way_of = merged("way", "second", 0, group="w")
    kept = [incident("first"), incident("second"), over, by_way_of]
    assert found(store, *kept, merged("1", "first", 1), merged("2", "way", 2), merged("3", "over", 3)) == "second"


def test_what_leads_to_nothing_that_is_there_leads_nowhere(store: Store) -> None:
    assert found(store, merged("1", "purged", 1), merged("2", "1", 2)) == ""


def test_a_group_that_was_merged_often_asks_no_more_than_one_that_was_once(store: Store) -> None:
    store.write_now(lambda tx: incidents.add(tx, [incident("main")]))
    mains = [replace(incident(f"m{n}"), status=Status.RESOLVED, resolved_at=NOW, group_key=f"m{n}") for n in range(30)]
    often = [merged(f"d{n}", f"m{n}", n) for n in range(30)]
    heard: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *told: heard.append(told[2]))
    reading = store.read_now(lambda tx: tx.engine)
    if reading is not store.engine:
        event.listen(reading, "before_cursor_execute", lambda *told: heard.append(told[2]))
    assert found(store, *mains, *often) == ""
    assert sum(one.startswith("SELECT incidents.id, incidents.status") for one in heard) == 1
