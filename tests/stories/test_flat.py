"""What an alert, a tick and a click ask the database for is found by an index: a million incidents make none dearer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from storage import catalog, incidents, messages, runs
from storage.store import Transaction
from tests.world import World

GROWS = {
    *("incidents", "alerts", "escalations", "notifications", "notification_attempts", "outbox", "runs", "run_steps"),
    *("timeline", "messages", "approvals", "past_runs", "postmortems"),
}
"""Tables whose rows are not people's to write: they come with every incident."""
SMALL = "outbox_sending"
"""An index of few rows, of what is on its way this moment: that one may be read through."""
SELDOM = ("WHERE notifications.person !=",)
"""How statements go on that are asked once a day: who can be reached is learnt from a month of pages (checkups)."""
MANY = 60
"""Statements of such a night, at least: with fewer, nobody listened."""
JOHN = "+33600000002"
Asked = dict[str, Any]


@contextmanager
def asked() -> Iterator[Asked]:
    """The statements executed meanwhile by anybody, each with parameters it had once."""
    found: Asked = {}

    def note(_: Connection, __: object, statement: str, parameters: Any, ___: object, is_many: bool) -> None:
        if statement.split(maxsplit=1)[0] in ("SELECT", "UPDATE", "DELETE"):
            found[statement] = parameters[0] if is_many else parameters

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def scans(tx: Transaction, statement: str, parameters: Any) -> list[str]:
    """Where a plan reads a growing table from end to end."""
    if tx.dialect.name == "sqlite":
        rows = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [str(row[3]) for row in rows]
        return [step for step in steps if step.startswith("SCAN") and step.split()[1] in GROWS and SMALL not in step]
    # As if every table were large: it scans only where it has no other way.
    tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
    steps = [str(row[0]).strip(" ->") for row in tx.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
    return [step for step in steps if step.startswith("Seq Scan") and step.split()[3] in GROWS]


async def test_a_change_of_the_catalog_reads_no_month_of_pages(world: World) -> None:
    await world.advance(minutes=1)
    with asked() as found:
        await world.load(["people: [{handle: zoe, name: Zoe Zen, email: zoe@example.com}]"])
        await world.advance(minutes=1)
    assert [statement for statement in found if "FROM checkups" in statement], "it was looked at anew"
    assert not [statement for statement in found if any(words in statement for words in SELDOM)]


@contextmanager
def read_on() -> Iterator[list[tuple[str, str]]]:
    """What is read meanwhile, each statement with the name of the thread that reads it."""
    found: list[tuple[str, str]] = []

    def note(_: Connection, __: object, statement: str, *___: object) -> None:
        if statement.startswith("SELECT"):
            found.append((threading.current_thread().name.partition("_")[0], statement))

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


async def test_no_page_waits_for_what_a_home_tab_reads(world: World) -> None:
    with read_on() as found:
        ada = await world.home("ada")
        await ada.click("home.go.v1.policies")
        await world.load(["people: [{handle: zoe, name: Zoe Zen, email: zoe@example.com}]"])
        await world.alert()
        world.expect_what_was_said()
    of_homes = [thread for thread, statement in found if "FROM oversights" in statement and "LIMIT" in statement]
    assert of_homes
    assert set(of_homes) == {"browsing"}


async def test_what_is_open_of_somebody_or_somewhere_is_found_by_an_index(world: World) -> None:
    """Asked while a person, a team, a service or a policy changes, and when somebody keeps a message: by whoever writes
    just then."""
    await world.alert()
    world.expect_what_was_said()
    with asked() as found:
        for look in (
            lambda tx: incidents.open_of(tx, team="one"),
            lambda tx: incidents.open_of(tx, service="one"),
            lambda tx: incidents.open_of_person(tx, "one", "U01ADA"),
            lambda tx: incidents.open_by_policy(tx, "one"),
            lambda tx: messages.open_in(tx, "C01"),
            lambda tx: runs.of_runbook(tx, "one"),
        ):
            await world.app.store.read(look)
    for statement, parameters in found.items():
        read_through = await world.app.store.read(lambda tx, s=statement, p=parameters: scans(tx, s, p))  # type: ignore[misc]
        assert read_through == [], statement


async def test_a_catalog_that_was_read_is_not_read_again_by_whoever_writes(world: World) -> None:
    await world.load(["people: [{handle: zoe, name: Zoe Zen, email: zoe@example.com}]"])
    await world.advance(minutes=1)
    read = await world.app.store.read(catalog.directory)
    assert await world.app.store.write(catalog.directory) is read


async def test_nothing_reads_through_what_grows(world: World) -> None:
    with asked() as found:
        await world.alert()
        card = world.card()
        await world.alert()
        await world.advance(minutes=5)
        world.phone(JOHN).expect_sms()
        await world.direct("john").click("Acknowledge", as_="john")
        await card.step(1).click("Done", as_="john")
        await world.advance(minutes=30)
        await world.alert(status="resolved")
        world.expect_what_was_said()
    assert len(found) > MANY
    for statement, parameters in found.items():
        if any(seldom in statement for seldom in SELDOM):
            continue
        read_through = await world.app.store.read(lambda tx, s=statement, p=parameters: scans(tx, s, p))  # type: ignore[misc]
        assert read_through == [], statement
