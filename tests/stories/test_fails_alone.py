"""What can't be read, or is about nothing that is there, fails alone: of what leaves, falls due or is asked about
together with it, everything else goes on. And while nothing goes on it is red."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from storage import outbox
from storage.catalog import table
from storage.incident_tables import EscalationRow, IncidentRow
from storage.intake_tables import HeldAlertsRow
from storage.notification_tables import NotificationRow
from storage.outbox import Kind, Parcel
from storage.outbox_tables import OutboxRow
from storage.storm_tables import AllowanceRow
from tests.world import World, alert_body, world_on

ADA, JOHN = "+33600000001", "+33600000002"
PEOPLE = """
people:
  - {handle: ada, name: Ada, phone: "+33600000001", slack: U01ADA, role: admin}
  - {handle: john, name: John, phone: "+33600000002", slack: U02JOHN}
teams: [{name: SRE Core, channel: "#sre-incidents", lead: ada, members: [ada, john]}]
services: [{name: redis-prod, team: SRE Core}]
"""
BY_HAND = "services: [{name: redis-prod, team: SRE Core, auto_resolve: false}]"
HOLD = "alert_rules: [{name: Flaps, match: {service: redis-prod}, hold: 5 minutes}]"
BOTH = """
Policy: Both
Default: true
Steps:
  1: {delay: 0 minutes, type: SMS, target: USER (ada), message: "{incident.title}"}
  2: {delay: 0 minutes, type: SMS, target: USER (john), message: "{incident.title}"}
"""


async def until(is_so: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.01)


def told(world: World, number: str, words: str) -> bool:
    return any(words in sms.text for sms in world.phone(number).texts)


async def come(world: World, name: str, **said: str) -> None:
    """An alert comes in."""
    status, _ = await world.post(alert_body(name, group=name, fingerprint=name, **said))
    assert status == 202


@pytest.mark.parametrize("kind", [Kind.PAGE, Kind.CARD])
async def test_a_message_about_an_incident_that_is_gone_holds_up_no_other(database_url: str, kind: Kind) -> None:
    async with world_on(database_url, catalog=[PEOPLE, BOTH]) as world:
        lane = outbox.posts("#sre-incidents")
        orphan = Parcel(kind=kind, incident="gone", subject="gone", due_at=world.clock.now(), lane=lane)
        await world.app.store.write(lambda tx: outbox.put(tx, [orphan]))
        await come(world, "Whole")
        await until(lambda: told(world, ADA, "Whole") and told(world, JOHN, "Whole"))
        assert not world.app.worker.faults


async def test_a_reader_whose_allowance_can_not_be_read_holds_up_no_other(database_url: str) -> None:
    """Both have had what leaves by itself: for each a message gathers, and both fall due at once."""
    async with world_on(database_url, catalog=[PEOPLE, BOTH]) as world:
        for number in range(5):
            await come(world, f"Many {number}", severity="info")
            await world.settle()
        rows = table(AllowanceRow)
        broken = update(rows).where(rows.c.key == f"SMS:{ADA}").values(recent=["of another version"])
        await world.app.store.write(lambda tx: tx.execute(broken))
        world.clock.push(timedelta(minutes=2))
        world.app.worker.wake()
        await until(lambda: told(world, JOHN, "incidents want you"))
        await until(lambda: told(world, ADA, "incidents want you"))


async def test_of_sms_that_are_asked_about_one_without_an_answer_holds_up_no_other(database_url: str) -> None:
    async with world_on(database_url, catalog=[PEOPLE, BOTH]) as world:
        world.outside.ovh.unreachable_numbers.update({ADA, JOHN})
        await come(world, "Down")
        await world.settle()
        world.outside.ovh.network.blank.add(ADA)
        await world.advance(seconds=11)
        assert world.direct("john").buttons
        await world.advance(minutes=3)
        assert world.direct("ada").buttons, "nothing says that it arrived"


async def test_of_sms_that_are_asked_about_a_page_that_can_not_be_read_holds_up_no_other(database_url: str) -> None:
    async with world_on(database_url, catalog=[PEOPLE, BOTH]) as world:
        world.outside.ovh.unreachable_numbers.update({ADA, JOHN})
        await come(world, "Broken")
        await world.settle()
        pages = table(NotificationRow)
        damage = update(pages).where(pages.c.address == ADA).values(channel="of another version")
        await world.app.store.write(lambda tx: tx.execute(damage))
        await come(world, "Whole")
        await world.settle()
        await world.advance(seconds=11)
        assert "Whole" in world.direct("ada").words and "Whole" in world.direct("john").words


async def test_held_alerts_that_can_not_be_read_hold_up_no_others(database_url: str) -> None:
    async with world_on(database_url, catalog=[PEOPLE, BOTH, HOLD]) as world:
        await come(world, "Broken")
        await come(world, "Whole")
        rows = table(HeldAlertsRow)
        held = await world.app.store.read(lambda tx: tx.execute(select(rows).order_by(rows.c.wake_at)).all())
        broken = {**held[0].content, "group": {**held[0].content["group"], "of_a_newer_version": ""}}
        change = update(rows).where(rows.c.key == held[0].key)
        await world.app.store.write(lambda tx: tx.execute(change.values(content=broken)))
        world.clock.push(timedelta(minutes=6))
        world.app.worker.wake()
        await until(lambda: told(world, ADA, "Whole"))
        assert not told(world, ADA, "Broken")
        await world.app.store.write(lambda tx: tx.execute(change.values(content=held[0].content)))
        world.clock.push(timedelta(minutes=2))
        world.app.worker.wake()
        await until(lambda: told(world, ADA, "Broken"))


async def test_a_silent_source_whose_incident_can_not_be_read_holds_up_no_other(database_url: str) -> None:
    sources = [f"{{name: {name}, service: redis-prod, severity: SEV1, every: 60m}}" for name in ("broken", "whole")]
    async with world_on(database_url, catalog=[PEOPLE, BOTH, f"heartbeats: [{', '.join(sources)}]"]) as world:
        await world.load([BY_HAND])
        for name in ("broken", "whole"):
            assert (await world.post({}, f"/api/v1/heartbeats/{name}/"))[0] == 200
        await world.advance(minutes=62)
        broken, whole = (await world.get("/api/v1/incidents/"))[1]["results"]
        if "broken" not in broken["title"]:
            broken, whole = whole, broken
        for one in (broken, whole):
            assert (await world.post({}, f"/api/v1/incidents/{one['id']}/acknowledge/"))[0] == 200
        for name in ("broken", "whole"):
            assert (await world.post({}, f"/api/v1/heartbeats/{name}/"))[0] == 200
        climbs = table(EscalationRow)
        damage = update(climbs).where(climbs.c.incident == broken["id"]).values(state="of another version")
        await world.app.store.write(lambda tx: tx.execute(damage))
        before = len(world.phone(ADA).texts)
        world.clock.push(timedelta(minutes=62))
        world.app.worker.wake()
        await until(lambda: len(world.phone(ADA).texts) > before)
        assert "whole" in world.phone(ADA).texts[-1].text


async def test_an_engine_that_looks_and_gets_nowhere_is_late(sqlite_url: str) -> None:
    """It comes round, and whatever it would send fails each time: it is not able to page."""
    async with world_on(sqlite_url, catalog=[PEOPLE, BOTH]) as world:
        await world.app.store.write(lambda tx: tx.execute(text("ALTER TABLE messages RENAME TO gone")))
        await come(world, "Whole")
        await asyncio.sleep(2.5)
        late = world.app.worker.lateness()
        await world.app.store.write(lambda tx: tx.execute(text("ALTER TABLE gone RENAME TO messages")))
        assert late is not None and late > timedelta(seconds=1.5)
        await world.advance(minutes=2)
        assert told(world, ADA, "Whole")
        late = world.app.worker.lateness()
        assert late is not None and late < timedelta(seconds=6)


async def test_slack_is_back_though_what_an_incident_missed_can_not_be_read(database_url: str) -> None:
    async with world_on(database_url, catalog=[PEOPLE, BOTH]) as world:
        await world.slack_goes()
        for name in ("Broken", "Whole"):
            await come(world, name)
        await world.settle()
        found = (await world.get("/api/v1/incidents/"))[1]["results"]
        (broken,) = (one["id"] for one in found if one["title"] == "Broken")
        pages = table(NotificationRow)
        damage = update(pages).where(pages.c.incident == broken).values(channel="of another version")
        orphan = Parcel(kind=Kind.LINE, incident="gone", subject="gone", due_at=world.clock.now(), lane="posts:#gone")
        await world.app.store.write(lambda tx: outbox.put(tx, [orphan]))
        await world.app.store.write(lambda tx: tx.execute(damage))
        await world.outside.slack.come_back()
        await until(lambda: not world.app.watch.is_away)
        await world.outside.slack.sockets.wait_connected(1, timeout=30)
        await asyncio.sleep(1)
        assert world.card("Whole").reply("Slack was away")


async def test_a_storm_ends_though_one_of_its_incidents_can_not_be_read(database_url: str) -> None:
    async with world_on(database_url, catalog=[PEOPLE]) as world:
        for number in range(24):
            await come(world, f"Many {number}", severity="info")
        await world.settle()
        cards, rows = table(OutboxRow), table(IncidentRow)
        held = select(cards.c.incident).where(cards.c.lane.startswith("held:"))
        broken, *others = await world.app.store.read(lambda tx: tx.execute(held).scalars().all())
        damage = update(rows).where(rows.c.id == broken).values(severity="of another version")
        await world.app.store.write(lambda tx: tx.execute(damage))
        world.clock.push(timedelta(minutes=2))
        world.app.worker.wake()
        left = select(cards.c.incident).where(cards.c.incident.in_(others))
        async with asyncio.timeout(10):
            while await world.app.store.read(lambda tx: tx.execute(left).scalars().all()):
                await asyncio.sleep(0.05)


async def test_held_alerts_that_are_no_json_hold_up_no_others(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[PEOPLE, BOTH, HOLD]) as world:
        await come(world, "Broken")
        await come(world, "Whole")
        damage = text("UPDATE held_alerts SET content = '[' WHERE wake_at = (SELECT min(wake_at) FROM held_alerts)")
        assert (await world.app.store.write(lambda tx: tx.execute(damage).rowcount)) == 1
        world.clock.push(timedelta(minutes=6))
        world.app.worker.wake()
        await until(lambda: told(world, ADA, "Whole"))
        assert not told(world, ADA, "Broken")
