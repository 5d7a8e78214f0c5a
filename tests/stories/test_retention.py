"""What is old enough is forgotten: whole incidents, or who took part in them; nothing of what goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, func, insert, literal, select, true, update
from sqlmodel import SQLModel

from bot.engine.retention import Retention
from domain.retention import anonymous
from storage.store import Transaction
from tests.world import World, alert_body, world_on

PEOPLE = ("John", "john.doe", "+33600000002", "U02JOHN", "Ada", "U01ADA", "ada@")


async def night(world: World, group: str) -> str:
    """An incident from its alert to its end, with a page, a note, a step and a button."""
    answer = await world.alert("Redis Cluster Down", group=group, fingerprint=group)
    name = str(answer["incident"]["short_id"])
    await world.advance(minutes=6)
    card = next(one for one in world.outside.workspace.messages_in("sre-incidents") if name in one.words)
    await world.outside.slack.member("john").click(card, "Acknowledge")
    await world.settle()
    status, _ = await world.post({"note": "Failover done"}, f"/api/v1/incidents/{name}/resolve/")
    assert status == 200
    await world.settle()
    world.expect_what_was_said()
    return name


def expect_all(world: World) -> None:
    """Everything that was said is expected: it is not what is looked at here."""
    world.expect_what_was_said()
    world.expected.update(sms.tag for sms in world.outside.ovh.inbox.messages)
    world.expected.update(id(mail) for mail in world.outside.mail.inbox.messages)


async def everything(world: World, *, but: tuple[str, ...] = ()) -> dict[str, list[dict[str, Any]]]:
    """Every row that belongs to an incident."""

    def read(tx: Transaction) -> dict[str, list[dict[str, Any]]]:
        found = {}
        for table in SQLModel.metadata.sorted_tables:
            is_about = {"incident", "notification", "run"} & set(table.c.keys()) or table.name == "incidents"
            if is_about and table.name not in but:
                found[table.name] = [row._asdict() for row in tx.execute(select(table))]
        return found

    return await world.app.store.read(read)


def forgetting(world: World, *, purge: int = 0, anonymise: int = 0) -> Retention:
    return Retention(world.app.store, world.clock, purge_days=purge, anonymise_days=anonymise)


async def test_a_resolved_incident_is_forgotten_with_all_that_belongs_to_it(world: World) -> None:
    old = await night(world, "old")
    world.clock.push(timedelta(days=20))
    young = await night(world, "young")
    still_open = (await world.alert("Still open", group="open", fingerprint="open"))["incident"]["short_id"]
    expect_all(world)
    await forgetting(world).forget()
    assert (await world.get("/api/v1/incidents/"))[1]["count"] == 3, "off unless it is set"
    world.clock.push(timedelta(days=11))
    await forgetting(world, purge=30).forget()
    names = {one["short_id"] for one in (await world.get("/api/v1/incidents/"))[1]["results"]}
    assert names == {young, still_open} and old not in names
    kept = {row["id"] for row in (await everything(world))["incidents"]}
    for table, rows in (await everything(world, but=("incidents",))).items():
        for row in rows:
            assert not row.get("incident") or row["incident"] in kept, f"{table} has something of what is forgotten"
    assert (await world.get(f"/api/v1/incidents/{young}/timeline/"))[0] == 200
    await world.settle()
    expect_all(world)


async def test_batches_go_on_until_nothing_is_left(world: World) -> None:
    for number in range(3):
        await night(world, f"g{number}")
    expect_all(world)
    world.clock.push(timedelta(days=2))
    await Retention(world.app.store, world.clock, purge_days=1, anonymise_days=0, batch=1).forget()
    assert (await world.get("/api/v1/incidents/"))[1]["count"] == 0


async def test_who_took_part_is_forgotten_and_what_happened_is_not(database_url: str) -> None:
    async with world_on(database_url, is_night=True) as world:
        await world.load(
            ["people: [{handle: john, name: John Doe, email: john.doe@example.com, phone: '', slack: U02JOHN}]"]
        )
        name = await night(world, "old")
        entries = (await world.get(f"/api/v1/incidents/{name}/timeline/"))[1]["results"]
        assert "John Doe has no phone number" in str(entries)
        await world.app.store.write(took_part)
        before = (await world.get(f"/api/v1/incidents/{name}/"))[1]
        world.clock.push(timedelta(days=91))
        await forgetting(world, anonymise=90).forget()
        after = (await world.get(f"/api/v1/incidents/{name}/"))[1]
        assert after["acknowledged_by"] == "somebody"
        assert after["kpis"] == before["kpis"] and after["resolution_note"] == "Failover done"
        left = await everything(world, but=("messages", "alerts", "outbox"))
        assert not [(table, one, rows) for table, rows in left.items() for one in PEOPLE if one in str(rows)]
        assert (await world.get(f"/api/v1/incidents/{name}/timeline/"))[0] == 200
        await world.settle()
        again = await everything(world)
        await forgetting(world, anonymise=90).forget()
        assert await everything(world) == again


async def test_who_took_part_in_what_ended_at_one_moment_is_forgotten_of_all(world: World) -> None:
    """One message of a tool's ends many, and more than are looked at together."""
    names = [await night(world, f"g{number}") for number in range(3)]
    expect_all(world)
    incidents = SQLModel.metadata.tables["incidents"]
    moment = world.clock.now()
    await world.app.store.write(lambda tx: tx.execute(update(incidents).values(resolved_at=moment)))
    world.clock.push(timedelta(days=2))
    retention = Retention(world.app.store, world.clock, purge_days=0, anonymise_days=1, batch=2)
    await retention.forget()
    for name in names:
        assert (await world.get(f"/api/v1/incidents/{name}/"))[1]["acknowledged_by"] == "somebody"
    assert not [rows for rows in (await everything(world))["notifications"] if "+33" in str(rows)]


async def test_who_took_part_is_forgotten_however_many_pages_there_were(postgresql_url: str) -> None:
    """PostgreSQL takes 65,535 values in a statement."""
    async with world_on(postgresql_url) as world:
        await night(world, "old")
        await world.app.store.write(paged_often)
        world.clock.push(timedelta(days=2))
        await forgetting(world, anonymise=1).forget()
        pages = SQLModel.metadata.tables["notifications"]
        named = select(func.count()).select_from(pages).where(pages.c.name != "somebody")
        assert await world.app.store.read(lambda tx: tx.execute(named).scalar()) == 0
        expect_all(world)


def paged_often(tx: Transaction) -> None:
    """What was sent was sent again and again."""
    pages = SQLModel.metadata.tables["notifications"]
    numbers = func.generate_series(1, 70_000).table_valued("number").render_derived()
    first = pages.select().order_by(pages.c.id).limit(1).subquery()
    other = literal("n") + cast(numbers.c.number, String)
    again = [other if name in ("id", "dedup_key") else column for name, column in first.c.items()]
    rows = select(*again).select_from(first.join(numbers, true()))
    tx.execute(insert(pages).from_select(list(first.c.keys()), rows))


async def test_messages_for_many_go_with_their_incidents(database_url: str) -> None:
    async with world_on(database_url, is_night=True) as world:
        names = []
        for number in range(7):
            body = alert_body(f"Down {number}", group=f"g{number}", fingerprint=f"f{number}")
            names.append(str((await world.post(body))[1]["incident"]["short_id"]))
        await world.advance(minutes=20)
        assert "+336" in str(await bundles(world)), "some pages are gathered"
        for name in names:
            assert (await world.post({"note": "Over"}, f"/api/v1/incidents/{name}/resolve/"))[0] == 200
        await world.advance(minutes=60)
        expect_all(world)
        await forgetting(world, anonymise=1, purge=1).forget()
        assert "+336" in str(await bundles(world)), "they are young"
        world.clock.push(timedelta(days=2))
        await forgetting(world, anonymise=1).forget()
        left = await bundles(world)
        assert left and not [one for one in PEOPLE if one in str(left)]
        await forgetting(world, purge=1).forget()
        assert not await bundles(world)


def took_part(tx: Transaction) -> None:
    """Ada was written to, and did a step of a run that went on with a newer version."""
    tables, now = SQLModel.metadata.tables, datetime(2026, 1, 1, tzinfo=UTC)
    its = {"incident": tx.execute(select(tables["incidents"].c.id)).scalar_one()}
    letter = {"id": "l", "address": "ada@example.com", "occasion": "update", "entry": "", "state": "sent"}
    tx.execute(insert(tables["letters"]).values(its | letter | {"reason": "", "made_at": now}))
    times = {"started_at": now, "finished_at": now}
    steps = [{"order": 1, "state": "done", "by": "Ada Admin", "note": "it was full"}]
    tx.execute(insert(tables["past_runs"]).values(its | times | {"id": "r", "runbook_version": "v", "steps": steps}))


async def bundles(world: World) -> list[dict[str, Any]]:
    """Every message for many, and where it is."""

    def read(tx: Transaction) -> list[dict[str, Any]]:
        tables = SQLModel.metadata.tables
        told = select(tables["messages"]).where(tables["messages"].c.key.like("bundle:%"))
        return [row._asdict() for found in (select(tables["bundles"]), told) for row in tx.execute(found)]

    return await world.app.store.read(read)


def test_who_had_an_incident_before_another_is_forgotten() -> None:
    assert anonymous({"former": "John Doe", "slack": "U02JOHN"}) == {"former": "somebody", "slack": ""}
