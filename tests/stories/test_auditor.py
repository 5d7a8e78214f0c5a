"""What should have happened and did not is found within a minute, set right, counted, and shown to whoever can act."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update

from bot.demo.provider_faults import Fault
from bot.heartbeat import Heartbeat
from domain.oversights import Lapse
from storage.catalog import table
from storage.incident_tables import EscalationRow
from storage.message_tables import MessageRow
from storage.notification_tables import NotificationRow
from storage.outbox import HELD, Kind
from storage.outbox_tables import OutboxRow
from tests.world import World, alert_body, read, world_on

POLICY = """
Policy: Calm
Default: true
Steps:
  1: {delay: 30 minutes, type: SMS, target: USER (ada), message: "wake up"}
"""


@pytest.fixture
async def calm(database_url: str) -> AsyncIterator[World]:
    """An incident that nobody has, and whose first page is half an hour away."""
    async with world_on(database_url, catalog=[read("alone.yaml"), POLICY]) as world:
        world.clock.push(timedelta(minutes=1))
        await world.alert()
        world.card()
        await look(world)
        world.clock.push(timedelta(minutes=3))
        yield world


async def look(world: World) -> list[tuple[Lapse, bool]]:
    """A minute is over: what the auditor finds, and whether it set it right."""
    world.clock.push(timedelta(minutes=1))
    await world.app.auditor.look()
    await world.settle()
    return [(one.lapse, one.is_mended) for one in world.app.auditor.standing]


async def damage(world: World, *statements: object) -> None:
    """Something of the database is lost."""
    for statement in statements:
        await world.app.store.write(lambda tx, lost=statement: tx.execute(lost))  # type: ignore[misc]


async def test_a_clock_that_is_set_back_makes_nobody_wait(database_url: str) -> None:
    """Before a start or while it runs: the page that was half an hour away still is."""
    async with world_on(database_url, catalog=[read("alone.yaml"), POLICY]) as world:
        await look(world)
        await world.alert()
        world.card()
        assert await look(world) == []
        world.clock.push(timedelta(hours=-1))
        await world.app.auditor.look()
        await world.advance(minutes=25)
        assert not world.phone("+33600000001").texts
        await world.advance(minutes=5)
        world.phone("+33600000001").expect_sms("wake up")
        world.expect_what_was_said()


@pytest.mark.parametrize("by", [timedelta(hours=2), timedelta(minutes=1)])
async def test_a_clock_that_is_set_back_while_it_runs_is_followed_to_the_second(sqlite_url: str, by: timedelta) -> None:
    """Also in the first minute after a start; and what begins by the new clock is not hurried by it."""
    async with world_on(sqlite_url, catalog=[read("alone.yaml"), POLICY]) as world:
        await world.alert()
        await world.advance(minutes=5)
        world.clock.push(-by)
        assert (await world.post(alert_body("Disk full", group="g2", fingerprint="f2")))[0] == 202
        world.app.auditor.set_back(by)
        await world.app.auditor.look()
        await world.advance(minutes=24)
        assert not world.phone("+33600000001").texts
        await world.advance(minutes=1)
        world.phone("+33600000001").expect_sms("wake up")
        await world.advance(minutes=4)
        assert len(world.phone("+33600000001").texts) == 1, "the second one is not due yet"
        await world.advance(minutes=2)
        world.phone("+33600000001").expect_sms("wake up")
        world.expect_what_was_said()


async def test_what_another_process_opens_before_it_sees_that_the_clock_was_set_back_does_not_wait(
    postgresql_url: str,
) -> None:
    """Whoever saw it first has brought forward all that there was by then."""
    async with world_on(postgresql_url, catalog=[read("alone.yaml"), POLICY]) as world:
        world.clock.push(timedelta(hours=-1))
        await look(world)
        world.clock.push(timedelta(hours=1))
        await world.alert()
        world.card()
        world.clock.push(timedelta(hours=-1))
        await look(world)
        await world.advance(minutes=31)
        world.phone("+33600000001").expect_sms("wake up")
        world.expect_what_was_said()


RULE = "alert_rules: [{name: It flaps, match: {alertname: 'Link *'}, hold: 5 minutes}]"
BACKUP = "heartbeats: [{name: backup-nightly, severity: SEV3, every: 5m, grace: 2m}]"


async def test_a_clock_that_is_set_back_holds_no_alert_and_no_silence_for_longer(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("alone.yaml"), POLICY, RULE, BACKUP]) as world:
        assert (await world.post({}, "/api/v1/heartbeats/backup-nightly/"))[0] in (200, 202)
        await world.advance(minutes=1)
        await world.alert("Link 4 down")
        await look(world)
        world.clock.push(timedelta(hours=-1))
        await world.app.auditor.look()
        await world.settle()
        await world.advance(minutes=3.9)
        assert (await world.get("/api/v1/incidents/"))[1]["count"] == 0
        await world.advance(minutes=1)
        assert world.card("Link 4 down")
        await world.advance(minutes=3)
        assert world.card("backup-nightly")
        world.expect_what_was_said()


async def test_all_is_well(calm: World) -> None:
    assert await look(calm) == []
    home = await calm.home("ada")
    assert "🚨" not in home.words and "🔧" not in home.words
    assert (await calm.get("/readyz"))[1]["checks"]["auditor"]["ok"]
    calm.finish()


async def test_a_climb_that_was_lost_goes_on(calm: World) -> None:
    await damage(calm, delete(table(EscalationRow)))
    assert await look(calm) == [(Lapse.NO_CLIMB, True)]
    home = await calm.home("ada")
    assert "nobody was going to be paged" in home.words and "🔧" in home.words
    assert await look(calm) == []
    await calm.advance(minutes=30)
    calm.phone("+33600000001").expect_sms("wake up")
    calm.expect_what_was_said()
    calm.finish()
    async with calm.http.get("/metrics") as answer:
        assert 'vigie_oversights_total{lapse="no_climb",mended="yes"} 1.0' in await answer.text()


async def test_a_page_that_is_not_among_what_leaves_leaves(calm: World) -> None:
    await calm.advance(minutes=30)
    calm.phone("+33600000001").expect_sms("wake up")
    pages = table(NotificationRow)
    await damage(calm, update(pages).values(state="waiting", sent_at=None))
    assert await look(calm) == [(Lapse.PAGE_LOST, True)]
    # OVH was asked first: it has it already.
    assert len(calm.phone("+33600000001").texts) == 1
    calm.expect_what_was_said()
    calm.finish()


@pytest.mark.parametrize(
    ("kept", "lapse"), [({}, Lapse.PAGE_LOST), ({"state": "sending", "holder": "nobody"}, Lapse.LEASE_OVER)]
)
async def test_a_page_that_waits_for_a_moment_that_never_comes_leaves(
    calm: World, kept: dict[str, str], lapse: Lapse
) -> None:
    """Its own, or the end of a lease that nobody holds."""
    calm.outside.ovh.faults.next(Fault(status=503))
    await calm.advance(minutes=30)
    mine = table(OutboxRow).c.kind == Kind.PAGE.value
    never = datetime(2099, 1, 1, tzinfo=UTC)
    await damage(calm, update(table(OutboxRow)).where(mine).values(due_at=never, **kept))
    assert await look(calm) == [(lapse, True)]
    calm.phone("+33600000001").expect_sms("wake up")
    calm.expect_what_was_said()
    calm.finish()


async def test_pages_whose_message_for_many_is_gone_leave_in_it(calm: World) -> None:
    """And what comes for its reader later waits for no message that is not there."""
    for number in range(4):
        await calm.alert(f"Down {number}", group=f"many {number}", fingerprint=f"many {number}", severity="warning")
    await calm.advance(minutes=31)
    phone = calm.phone("+33600000001")
    many = table(OutboxRow).c.kind == Kind.BUNDLE.value
    assert await calm.app.store.read(lambda tx: tx.execute(select(table(OutboxRow)).where(many)).first())
    await damage(calm, delete(table(OutboxRow)).where(many))
    before = len(phone.texts)
    assert set(await look(calm)) == {(Lapse.PAGE_LOST, True)}
    assert len(phone.texts) == before + 1 and "incidents want you" in phone.texts[-1].text
    await calm.advance(minutes=20)
    await calm.alert("Down later", group="later", fingerprint="later", severity="warning")
    await calm.advance(minutes=30)
    assert "Down later" in phone.texts[-1].text
    calm.expect_what_was_said()


async def test_a_climb_that_waits_for_a_moment_that_never_comes_goes_on(calm: World) -> None:
    await damage(calm, update(table(EscalationRow)).values(wake_at=datetime(2099, 1, 1, tzinfo=UTC)))
    assert await look(calm) == [(Lapse.NO_CLIMB, True)]
    assert await look(calm) == []
    await calm.advance(minutes=30)
    calm.phone("+33600000001").expect_sms("wake up")
    calm.expect_what_was_said()
    calm.finish()


@pytest.mark.parametrize("lost", [delete(table(EscalationRow)), update(table(EscalationRow)).values(wake_at=None)])
async def test_a_snooze_whose_end_was_lost_ends(calm: World, lost: object) -> None:
    _, listed = await calm.get("/api/v1/incidents/")
    await calm.command("/incident", f"snooze {listed['results'][0]['short_id']} 30m", as_="ada")
    await damage(calm, lost)
    assert await look(calm) == [(Lapse.NO_CLIMB, True)]
    assert await look(calm) == []
    assert not calm.phone("+33600000001").texts
    await calm.advance(minutes=30)
    calm.phone("+33600000001").expect_sms()
    calm.expect_what_was_said()
    calm.finish()


async def test_a_card_that_was_never_posted_is_posted(calm: World) -> None:
    await damage(calm, delete(table(MessageRow)))
    assert await look(calm) == [(Lapse.NO_CARD, True)]
    assert len([one for one in calm.outside.workspace.messages_in("sre-incidents") if not one.is_reply]) == 2
    calm.expect_what_was_said()
    calm.finish()


async def test_what_waits_for_a_card_that_is_there_is_let_go(calm: World) -> None:
    incident = await calm.app.store.read(lambda tx: tx.execute(text("SELECT id FROM incidents")).scalar_one())
    row = {"kind": "line", "waiting_key": "line:x", "lane": "", "priority": 9, "incident": incident, "subject": "x"}
    row |= {"state": "waiting", "due_at": HELD, "attempts": 0, "is_ambiguous": False, "holder": ""}
    await damage(calm, table(OutboxRow).insert().values(row))
    assert await look(calm) == [(Lapse.HELD_BACK, True)]
    assert await look(calm) == []
    calm.expect_what_was_said()
    calm.finish()


async def test_an_end_that_nobody_was_told_of_is_told(calm: World) -> None:
    await damage(calm, update(table(EscalationRow)).values(state="exhausted", wake_at=None))
    assert await look(calm) == [(Lapse.NOT_SAID, True)]
    calm.card().reply("no further step")
    calm.finish()


async def test_what_keeps_a_page_from_somebody_stops_the_heartbeat(calm: World) -> None:
    auditor = calm.app.auditor
    # An engine that looks no more.
    calm.app.worker.stop()
    await calm.app._engine
    calm.clock.push(timedelta(minutes=40))
    await auditor.look()
    assert [one.lapse for one in auditor.standing] == [Lapse.CLIMB_LATE]
    heartbeat = Heartbeat("http://127.0.0.1:9/", calm.app._readiness, auditor.worries)
    assert [worry.split()[0] for worry in heartbeat._worries()] == ["climb_late"]
    calm.clock.push(timedelta(minutes=4))
    status, ready = await calm.get("/readyz")
    assert status == 503 and not ready["checks"]["auditor"]["ok"]


async def test_of_several_processes_one_looks(calm: World) -> None:
    calm.clock.push(timedelta(minutes=1))
    await calm.app.auditor.look()
    await damage(calm, delete(table(EscalationRow)))
    calm.clock.push(timedelta(seconds=20))
    await calm.app.auditor.look()
    assert calm.app.auditor.standing == (), "another has looked less than a minute ago"
    assert await look(calm) == [(Lapse.NO_CLIMB, True)]
    calm.expect_what_was_said()


async def test_a_storm_is_no_oversight(database_url: str) -> None:
    policy = POLICY.replace("30 minutes", "0 minutes")
    async with world_on(database_url, catalog=[read("alone.yaml"), policy]) as world:
        for number in range(15):
            await world.alert(f"Alert {number}", group=f"g{number}", fingerprint=f"f{number}")
        texts = len(world.phone("+33600000001").texts)
        assert texts < 15, "what is held is held on purpose"
        for _ in range(3):
            assert await look(world) == []
        world.clock.push(timedelta(minutes=-4))
        assert len(world.phone("+33600000001").texts) <= texts + 1
