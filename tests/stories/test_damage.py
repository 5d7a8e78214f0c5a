"""One row that can't be read holds up nobody else's page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Executable, Select, delete, insert, select, text, update
from sqlmodel import SQLModel

from domain.errors import Conflict
from domain.notices import NoticeKind
from handlers.catalog.service import CatalogService
from storage import audit, catalog, notices
from storage.catalog import table
from storage.catalog_tables import PersonRow, ServiceRow, TeamRow
from storage.incident_tables import EscalationRow, IncidentRow, TimelineRow
from storage.intake_tables import AlertMappingRow, AlertRuleRow
from storage.outbox_tables import OutboxRow
from storage.oversight_tables import HeartbeatRow
from storage.policy_tables import PolicyRow, PolicyVersionRow
from storage.preference_tables import PreferenceRow
from storage.runbook_tables import RunbookVersionRow
from storage.schedule_tables import CalendarRow, NoticeRow
from storage.store import Transaction
from tests.world import TESTER, World, read, world_on

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


async def test_an_incident_of_a_severity_that_nobody_knows_pages_and_is_listed(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("alone.yaml"), POLICY]) as world:
        broken = await world.alert("Broken", group="b", fingerprint="b")
        await world.alert("Whole", group="w", fingerprint="w")
        rows = table(IncidentRow)
        change = update(rows).where(rows.c.id == broken["incident"]["id"]).values(severity="of another version")
        await world.app.store.write(lambda tx: tx.execute(change))
        status, listed = await world.get("/api/v1/incidents/")
        assert status == 200
        assert {one["title"]: one["severity"] for one in listed["results"]}["Broken"] == "SEV1_CRITICAL"
        await world.advance(minutes=6)
        assert {"Broken", "Whole"} <= {word for said in await pages(world) for word in said.split()}
        joined = await world.alert("Broken too", group="b", fingerprint="c", severity="warning")
        assert joined["incident"]["id"] == broken["incident"]["id"], "what comes of it is taken"


async def test_an_alert_is_taken_of_an_incident_that_had_a_severity_that_nobody_knows(database_url: str) -> None:
    async with world_on(database_url) as world:
        name = (await world.alert(severity="warning"))["incident"]["id"]
        await world.post({"severity": "SEV3"}, f"/api/v1/incidents/{name}/severity/")
        rows, kept = table(TimelineRow), {"before": "of another version", "severity": "SEV3_MEDIUM"}
        change = update(rows).where(rows.c.incident == name, rows.c.event == "severity_set").values(details=kept)
        await world.app.store.write(lambda tx: tx.execute(change))
        await world.alert(severity="critical")


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


ORGANISATION = """
people:
  - {handle: ada, name: Ada, phone: "+33600000001", slack: U01ADA, role: admin, channels: [SMS]}
  - {handle: john, name: John, phone: "+33600000002", slack: U02JOHN}
teams: [{name: SRE Core, channel: "#sre-incidents", lead: ada}, {name: Web, channel: "#web", lead: john}]
services: [{name: redis-prod, team: SRE Core}, {name: shop, team: Web}]
policies:
  - {policy: Another, team: Web, steps: {1: {delay: 0, type: SMS, target: USER (john)}}}
runbooks: [{title: Restart, service: redis-prod, steps: [{title: Restart it}]}]
alert_rules: [{name: Noise, match: {alertname: Noise}, drop: true}]
alert_mappings: [{name: tool, title: text}]
heartbeats: [{name: backup, service: shop, every: 1h}]
"""
DAMAGES: dict[str, tuple[type[SQLModel], str, Any, dict[str, Any]]] = {
    "person john": (PersonRow, "handle", "john", {"role": "of another version"}),
    "team Web": (TeamRow, "name", "Web", {"on_call": {"rotations": "of another version"}}),
    "service shop": (ServiceRow, "name", "shop", {"aliases": 7}),
    "policy Another": (PolicyVersionRow, "version", 1, {"content": {"name": "Another"}}),
    "runbook Restart": (RunbookVersionRow, "version", 1, {"content": {"steps": 7}}),
    "alert rule Noise": (AlertRuleRow, "name", "Noise", {"content": {}}),
    "alert mapping tool": (AlertMappingRow, "name", "tool", {"content": {"of another version": 7}}),
    "heartbeat backup": (HeartbeatRow, "name", "backup", {"content": {"severity": "of another version"}}),
    "wish of the person": (PreferenceRow, "timezone", "", {"channels": ["of another version"]}),
}
"""By what it is called: where it is, and what somebody wrote there."""


@pytest.mark.parametrize("called", DAMAGES)
async def test_what_can_not_be_read_of_the_catalog_is_gone_without(database_url: str, called: str) -> None:
    """A newer version, or somebody with a tool of the database's, wrote what this one has no word for."""
    model, column, name, wrong = DAMAGES[called]
    rows = table(model)
    chosen = rows.c["policy"].in_(_policies("Another")) if model is PolicyVersionRow else rows.c[column] == name
    async with world_on(database_url, catalog=[ORGANISATION, POLICY]) as world:
        await damage(world, update(rows).where(chosen).values(wrong))
        await world.alert("Down")
        await world.advance(minutes=6)
        assert [text for text in await pages(world) if "Down" in text]
        status, told = await world.get("/readyz")
        detail = told["checks"]["database"]["detail"]
        assert status == 503 and "what is configured can't be read whole" in detail and called in detail
        with pytest.raises(Conflict, match=called):
            await CatalogService(world.app.store, world.clock).load([("o.yaml", read("alone.yaml"))], TESTER)
        world.expect_what_was_said()


async def test_what_is_mended_is_read_again_whoever_mended_it(database_url: str) -> None:
    rows = table(HeartbeatRow)
    async with world_on(database_url, catalog=[ORGANISATION, POLICY]) as world:
        [right] = await world.app.store.read(lambda tx: tx.execute(select(rows.c.content)).scalars().all())
        await damage(world, update(rows).values(content={"severity": "of another version"}))
        await world.settle()
        assert (await world.get("/readyz"))[0] == 503
        await world.app.store.write(lambda tx: tx.execute(update(rows).values(content=right)))
        await world.advance(minutes=2)
        await world.app.auditor.look()
        assert (await world.get("/readyz"))[0] == 200
        await world.settle()
        await world.load([ORGANISATION.replace('channel: "#web", ', "")])
        await world.settle()
        await world.advance(minutes=62)
        await world.advance(minutes=6)
        world.phone("+33600000001").expect_sms("backup")
        world.expect_what_was_said()


async def damage(world: World, change: Executable) -> None:
    """Something of the catalog is another, whoever did it."""

    def done(tx: Transaction) -> None:
        assert tx.execute(change).rowcount == 1
        audit.record(tx, TESTER, "damage", "the catalog", None, None, world.clock.now())
        catalog.touch(tx)

    await world.app.store.write(done)


def _policies(name: str) -> Select[tuple[str]]:
    policies = table(PolicyRow)
    return select(policies.c.id).where(policies.c.name == name)


async def test_a_column_that_is_no_json_takes_no_other_row_along(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[ORGANISATION, POLICY]) as world:
        await damage(world, text("UPDATE teams SET members = '[' WHERE name = 'Web'"))
        await world.alert("Down")
        await world.advance(minutes=6)
        assert [said for said in await pages(world) if "Down" in said]
        world.expect_what_was_said()


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
