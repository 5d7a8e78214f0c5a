"""One row that can't be read holds up nobody else's page."""

from __future__ import annotations

from sqlalchemy import update

from storage.catalog import table
from storage.tables import EscalationRow, IncidentRow, TimelineRow
from tests.world import World, world_on

CATALOG = """
people: [{handle: ada, name: Ada, phone: "+33600000001", slack: U01ADA, role: admin}]
teams: [{name: SRE Core, channel: "#sre-incidents", lead: ada}]
services: [{name: redis-prod, team: SRE Core}]
---
Policy: Climb
Default: true
Steps:
  1: {delay: 5 minutes, type: SMS, target: USER (ada), message: "{incident.title}"}
"""


async def pages(world: World) -> list[str]:
    return [sms.text.split("\n")[0] for sms in world.phone("+33600000001").texts]


async def test_a_climb_that_can_not_be_decided_on_waits_alone(database_url: str) -> None:
    async with world_on(database_url, catalog=[CATALOG]) as world:
        broken = await world.alert("Broken", group="b", fingerprint="b")
        await world.alert("Whole", group="w", fingerprint="w")
        rows = table(EscalationRow)
        damage = update(rows).where(rows.c.incident == broken["incident"]["id"]).values(state="of another version")
        await world.app.store.write(lambda tx: tx.execute(damage))
        await world.advance(minutes=6)
        assert [("Whole" in text, "Broken" in text) for text in await pages(world)] == [(True, False)]
        mended = update(rows).where(rows.c.incident == broken["incident"]["id"]).values(state="running")
        await world.app.store.write(lambda tx: tx.execute(mended))
        await world.advance(minutes=2)
        assert any("Broken" in text for text in await pages(world))
        assert not world.app.worker.faults


async def test_a_message_that_can_not_be_made_waits_alone(database_url: str) -> None:
    async with world_on(database_url, catalog=[CATALOG]) as world:
        broken = await world.alert("Broken", group="b", fingerprint="b")
        await world.alert("Whole", group="w", fingerprint="w")
        name = broken["incident"]["id"]
        status, _ = await world.post({"text": "a note"}, f"/api/v1/incidents/{name}/notes/")
        assert status in (200, 201)
        incidents, entries = table(IncidentRow), table(TimelineRow)
        await world.app.store.write(
            lambda tx: tx.execute(update(entries).where(entries.c.incident == name).values(event="of another version"))
        )
        await world.app.store.write(
            lambda tx: tx.execute(update(incidents).where(incidents.c.id == name).values(severity="of another version"))
        )
        await world.advance(minutes=6)
        assert any("Whole" in text for text in await pages(world))
        assert not world.app.worker.faults
