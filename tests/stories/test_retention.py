"""What is old enough is forgotten: whole incidents, or who took part in them; nothing of what goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from bot.engine.retention import Retention
from storage.store import Transaction
from tests.world import World, world_on

PEOPLE = ("John", "john.doe", "+33600000002", "U02JOHN", "Ada", "U01ADA")


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
    world.expect_what_was_said()
    for sms in world.outside.ovh.inbox.messages:
        world.expected.add(sms.tag)
    for mail in world.outside.mail.inbox.messages:
        world.expected.add(id(mail))
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


async def test_batches_go_on_until_nothing_is_left(world: World) -> None:
    for number in range(3):
        await night(world, f"g{number}")
    for sms in world.outside.ovh.inbox.messages:
        world.expected.add(sms.tag)
    for mail in world.outside.mail.inbox.messages:
        world.expected.add(id(mail))
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
