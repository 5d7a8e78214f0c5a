"""One row that can't be read holds up nobody else's page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Executable, Select, delete, insert, select, update

from domain.notices import NoticeKind
from storage import catalog, notices
from storage.catalog import table
from storage.incident_tables import EscalationRow, IncidentRow, TimelineRow
from storage.outbox_tables import OutboxRow
from storage.schedule_tables import CalendarRow, NoticeRow
from storage.store import Transaction
from tests.world import World, read, world_on

POLICY = """
Policy: Climb
Default: true
Steps:
  1: {delay: 5 minutes, type: SMS, target: USER (ada), message: "{incident.title}"}
"""


async def pages(world: World) -> list[str]:
    return [sms.text.split("\n")[0] for sms in world.phone("+33600000001").texts]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [({"state": "of another version"}, {"state": "running"}), ({"speed": 0}, {"speed": 1})],
)
async def test_a_climb_that_can_not_be_decided_on_waits_alone(
    sqlite_url: str, wrong: dict[str, Any], right: dict[str, Any]
) -> None:
    async with world_on(sqlite_url, catalog=[read("alone.yaml"), POLICY]) as world:
        broken = await world.alert("Broken", group="b", fingerprint="b")
        await world.alert("Whole", group="w", fingerprint="w")
        rows = table(EscalationRow)
        damage = update(rows).where(rows.c.incident == broken["incident"]["id"]).values(wrong)
        await world.app.store.write(lambda tx: tx.execute(damage))
        await world.advance(minutes=6)
        assert [("Whole" in text, "Broken" in text) for text in await pages(world)] == [(True, False)]
        assert [worry.split()[0] for worry in world.app.auditor.worries()] == ["climb_late"], "and it is said"
        mended = update(rows).where(rows.c.incident == broken["incident"]["id"]).values(right)
        await world.app.store.write(lambda tx: tx.execute(mended))
        await world.advance(minutes=2)
        assert any("Broken" in text for text in await pages(world))
        await world.advance(minutes=2)
        await world.app.auditor.look()
        assert not world.app.auditor.worries()
        assert not world.app.worker.faults


async def test_a_message_that_can_not_be_made_waits_alone(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("alone.yaml"), POLICY]) as world:
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


@pytest.mark.parametrize("fault", [KeyError("of another version"), RuntimeError("a fault of ours")])
async def test_what_falls_due_and_can_not_be_read_holds_up_nothing_else(sqlite_url: str, fault: Exception) -> None:
    async with world_on(sqlite_url, catalog=[read("alone.yaml"), POLICY]) as world:
        broken, whole = Due(world.clock.now(), fault), Due(world.clock.now())
        world.app.worker.timers += [broken, whole]
        async with asyncio.timeout(10):
            while whole.fired < 3:
                world.app.worker.look()
                await asyncio.sleep(0.01)
        assert broken.fired == 1 == world.app.worker.faults


@dataclass(slots=True)
class Due:
    """Something that is due, however often it is done."""

    at: datetime
    fault: Exception | None = None
    fired: int = 0

    def next_wake(self, tx: Transaction) -> datetime | None:
        return self.at

    async def fire(self) -> None:
        self.fired += 1
        if self.fault:
            raise self.fault


async def test_a_notice_of_a_newer_version_is_left_to_it(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("alone.yaml"), POLICY]) as world:
        said = notices.notice(NoticeKind.CALENDAR, "x", team="", details={"failure": "", "good_at": ""})
        rows, now = table(NoticeRow), world.clock.now()

        def told(tx: Transaction) -> None:
            notices.tell(tx, [said], now, {"": "#sre-incidents"})
            tx.execute(update(rows).where(rows.c.id == said.id).values(kind="of another version"))

        await world.app.store.write(told)
        world.app.worker.look()
        waits = table(OutboxRow)
        waiting = select(waits.c.state, waits.c.attempts).where(waits.c.subject == said.id)
        await eventually(world, waiting)
        assert not world.app.worker.faults


async def eventually(world: World, waiting: Select[tuple[str, int]]) -> None:
    """Until it was tried, and waits."""

    def found(tx: Transaction) -> list[tuple[str, int]]:
        return [(row.state, row.attempts) for row in tx.execute(waiting)]

    async with asyncio.timeout(30):
        while await world.app.store.read(found) != [("waiting", 1)]:
            await asyncio.sleep(0.01)


async def test_a_catalog_that_can_not_be_read_is_red(database_url: str) -> None:
    """A newer version, or somebody with a tool of the database's, wrote what this one has no word for."""
    calendars, now = table(CalendarRow), datetime.now(UTC)
    row = {"team": "x", "source": "", "text": "", "events": [{}], "good_at": now, "tried_at": now}
    changes = {503: insert(calendars).values(row | {"failure": "", "told_at": None}), 200: delete(calendars)}
    async with world_on(database_url) as world:
        for status, change in changes.items():

            def changed(tx: Transaction, change: Executable = change) -> None:
                tx.execute(change)
                catalog.touch(tx)

            await world.app.store.write(changed)
            got, told = await world.get("/readyz")
            assert got == status
            assert ("what is configured can't be read" in told["checks"]["database"]["detail"]) == (status == 503)
        world.expect_what_was_said()
        world.finish()
