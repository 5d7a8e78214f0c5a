"""A storm: one message for many incidents, a digest in the channel, "Acknowledge all" from everywhere, nothing lost."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.demo.provider_faults import Fault
from bot.demo.records import Message
from domain.storms import limits_of
from storage import held_cards
from tests.stories.test_links import seen
from tests.world import World, alert_body, world_on

JOHN = "+33600000002"
CHANNEL = "sre-incidents"
KEY = "a-secret-of-the-tests-only"
ORGANISATION = """
people:
  - {handle: ada, name: Ada Admin, slack: U01ADA, role: admin}
  - {handle: john, name: John Doe, slack: U02JOHN, phone: "+33600000002", email: john@example.com}
  - {handle: viv, name: Viv Viewer, slack: U03LEA, role: viewer, locale: en}
teams:
  - name: SRE Core
    channel: "#sre-incidents"
    lead: ada
    members: [ada, john]
    on_call: {rotations: [{name: primary, start: "2026-01-05T09:00", every: 1w, people: [john]}]}
services: [{name: redis-prod, team: SRE Core}]
"""
POLICY = """
Policy: Everything
Default: true
Steps:
  1: {delay: 0 minutes, type: SLACK, target: "CHANNEL (#sre-incidents)", message: "look at {incident.short_id}"}
  2: {delay: 0 minutes, type: SMS + SLACK + EMAIL, target: ON_CALL, message: "wake up {incident.short_id}"}
"""


TEXTS = """
Policy: Texts
Default: true
Steps:
  1: {delay: 0 minutes, type: SMS, target: ON_CALL}
"""


async def storm(world: World, incidents: int, start: int = 0) -> list[str]:
    """That many alerts, each an incident of its own: their short ids."""
    found = []
    for number in range(start, start + incidents):
        severity = "critical" if number % 10 == 7 else "warning"
        body = alert_body(f"Down {number}", group=f"g{number}", fingerprint=f"f{number}", severity=severity)
        status, said = await world.post(body)
        assert status == 202
        found.append(said["incident"]["short_id"])
    await world.settle()
    return found


def digest(world: World) -> Message:
    [found] = [one for one in world.outside.workspace.messages_in(CHANNEL) if "torm" in one.words.split("\n")[0]]
    return found


async def world_of(url: str):  # type: ignore[no-untyped-def]
    return world_on(url, catalog=[ORGANISATION, POLICY], public_url="https://vigie.example.com", secret_key=KEY)


async def test_a_storm_from_the_first_alert_to_calm(database_url: str) -> None:
    async with await world_of(database_url) as world:
        ids = await storm(world, 60)
        john = world.phone(JOHN)
        assert "wake up" in john.texts[0].text and ids[0] in john.texts[0].text
        worst = [ids[7], ids[17]]
        assert (
            len(john.texts) == 4 and [one for one in worst if one in john.texts[2].text + john.texts[3].text] == worst
        )
        told = digest(world)
        assert "Acknowledge all" in told.buttons and "held back" in told.words
        await world.advance(seconds=16)
        bundle = john.texts[4].text
        assert len(bundle) <= 160 and "incidents want you, worst: SEV1" in bundle
        assert "56 incidents" in bundle
        await _direct_and_mail(world)
        status, held = await world.get("/api/v1/storms/")
        assert status == 200 and any(one["kind"] == "digest" and one["cards"] for one in held["results"])
        path = re.search(r"https://vigie\.example\.com(/s/\S+)", bundle)
        assert path
        await _by_link(world, path[1], ids)
        await world.advance(minutes=2)
        await world.advance(seconds=10)
        cards = [one for one in world.outside.workspace.messages_in(CHANNEL) if not one.is_reply]
        assert {short for short in ids for one in cards if short in one.words and one is not told} == set(ids)
        assert "over" in told.words.split("\n")[0]
        assert len(john.texts) == 5
        metrics = await _metrics(world)
        assert "vigie_pages_held 0.0" in metrics and 'vigie_outbox_depth{lane="held"} 0.0' in metrics
        world.expect_what_was_said()


async def _direct_and_mail(world: World) -> None:
    john = world.outside.slack.member("john")
    bundles = [one for one in john.direct_messages if "incidents want you" in one.words]
    assert bundles and "Acknowledge all" in bundles[-1].buttons
    mails = world.mailbox("john@example.com").mails
    assert any("incidents want you" in mail.subject for mail in mails)


async def _by_link(world: World, path: str, ids: list[str]) -> None:
    async with world.http.get(path) as answer:
        page = await answer.text()
    assert answer.status == 200 and "Acknowledge all</button>" in page and "Page 1 of 6" in page
    async with world.http.get(f"{path}?page=6") as answer:
        assert "Page 6 of 6" in await answer.text()
    for _ in range(2):
        async with world.http.post(path) as answer:
            assert answer.status == 200 and "Nothing of this waits any more" in await answer.text()
    await world.settle()
    _, first = await world.get(f"/api/v1/incidents/{ids[0]}/")
    _, last = await world.get(f"/api/v1/incidents/{ids[-1]}/")
    assert (first["status"], last["status"]) == ("TRIGGERED", "ACKNOWLEDGED")
    assert last["acknowledged_by"] == "John Doe"


async def _metrics(world: World) -> str:
    async with world.http.get("/metrics") as answer:
        return await answer.text()


async def test_a_page_for_many_that_is_sent_again_takes_nothing_that_was_given_back(sqlite_url: str) -> None:
    async with await world_of(sqlite_url) as world:
        last = f"/api/v1/incidents/{(await storm(world, 12))[-1]}/"
        await world.advance(seconds=16)
        found = [re.search(r"vigie\.example\.com(/s/\S+)", one.text) for one in world.phone(JOHN).texts]
        [path] = [one[1] for one in found if one]
        form = {"seen": await _seen(world, path)}
        await world.http.post(path, data=form)
        assert (await world.get(last))[1]["status"] == "ACKNOWLEDGED"
        assert (await world.post({}, f"{last}unacknowledge/"))[0] == 200
        for again in (form, {}, {"seen": "yesterday"}):
            async with world.http.post(path, data=again) as answer:
                assert "Nobody has 1 of them yet" in await answer.text()
        await world.http.post(path, data={"seen": await _seen(world, path)})
        assert (await world.get(last))[1]["status"] == "ACKNOWLEDGED", "whoever looks anew takes it again"
        await world.settle()
        world.expect_what_was_said()


async def _seen(world: World, path: str) -> str:
    """When the page behind a link was shown, as its button says."""
    async with world.http.get(path) as answer:
        return seen(await answer.text())


async def test_acknowledge_all_in_slack_is_for_those_who_may(database_url: str) -> None:
    async with await world_of(database_url) as world:
        ids = await storm(world, 40)
        told = digest(world)
        async with asyncio.timeout(30):
            while "16 that nobody has" not in told.words:
                await world.advance(seconds=1)
        await world.outside.slack.member("lea").click(told, "Acknowledge all", confirm=True)
        await world.settle()
        assert "takes the role responder" in world.whispers("lea")[-1]
        await world.outside.slack.member("ada").click(told, "Show all")
        await world.settle()
        seen = world.outside.slack.member("ada").ephemerals[-1]
        assert "Page 1 of" in seen.words and "Acknowledge" in seen.buttons
        await world.outside.slack.member("ada").click(seen, "Next page")
        await world.settle()
        assert "Page 2 of" in world.outside.slack.member("ada").ephemerals[-1].words
        await world.outside.slack.member("ada").click(told, "Acknowledge all", confirm=True)
        await world.settle()
        assert "are yours" in world.whispers("ada")[-1]
        await world.advance(seconds=5)
        assert "Acknowledge all" not in told.buttons
        before = len(world.phone(JOHN).texts)
        await world.advance(minutes=20)
        for text in world.phone(JOHN).texts[before:]:
            assert ids[-1] not in text.text
        world.expect_what_was_said()


async def test_whoever_takes_one_of_a_storm_gets_its_card(sqlite_url: str) -> None:
    async with await world_of(sqlite_url) as world:
        ids = await storm(world, 40)
        _, found = await world.get(f"/api/v1/incidents/{ids[-1]}/")
        held = await world.app.store.read(lambda tx: held_cards.of_channel(tx, "#sre-incidents", 100))
        assert found["id"] in held
        await world.post({}, f"/api/v1/incidents/{ids[-1]}/acknowledge/")
        await world.settle()
        assert world.card(ids[-1], "has it")
        world.expect_what_was_said()


async def test_a_held_page_is_another_ways_when_its_message_fails(sqlite_url: str) -> None:
    async with await world_of(sqlite_url) as world:
        await storm(world, 5)
        world.outside.ovh.refused_numbers.add(JOHN)
        await world.advance(seconds=20)
        mails = world.mailbox("john@example.com").mails
        assert mails
        world.expect_what_was_said()


async def test_a_message_for_many_that_never_arrives_goes_another_way_for_each(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, TEXTS]) as world:
        ids = await storm(world, 6)
        assert len(world.phone(JOHN).texts) == 2
        world.outside.ovh.unreachable_numbers.add(JOHN)
        await world.advance(seconds=16)
        _, pages = await world.get(f"/api/v1/incidents/{ids[-1]}/notifications/")
        assert "4 incidents want you" in pages["results"][0]["said"]
        await world.advance(seconds=11)
        for short_id in ids[2:]:
            _, pages = await world.get(f"/api/v1/incidents/{short_id}/notifications/")
            sms, direct = sorted(pages["results"], key=lambda one: one["decided_at"])
            assert (sms["stage"], sms["failure"]) == ("failed", "the phone's network refused it: Absent subscriber")
            assert (direct["channel"], direct["instead_of"]) == ("SLACK", sms["id"])
        world.expect_what_was_said()


async def test_a_message_for_many_that_has_to_wait_again_and_again_goes_another_way_for_each(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, TEXTS]) as world:
        ids = await storm(world, 4)
        world.outside.ovh.faults.always(Fault(status=429, retry_after=5))
        await world.advance(seconds=16)
        assert not world.outside.slack.member("john").direct_messages, "once is no reason"
        await world.advance(seconds=6)
        for short_id in ids[2:]:
            _, pages = await world.get(f"/api/v1/incidents/{short_id}/notifications/")
            sms, direct = sorted(pages["results"], key=lambda one: one["decided_at"])
            assert (direct["channel"], direct["stage"], direct["instead_of"]) == ("SLACK", "delivered", sms["id"])
        world.outside.ovh.faults.clear()
        world.expect_what_was_said()


async def test_what_arrives_late_leaves_room_after_its_arrival(database_url: str) -> None:
    limits = limits_of("SMS=1/15m")
    async with world_on(database_url, catalog=[ORGANISATION, TEXTS], page_limits=limits) as world:
        world.outside.ovh.faults.always(Fault(status=500))
        await storm(world, 1)
        assert not world.phone(JOHN).texts
        world.outside.ovh.faults.clear()
        await world.advance(minutes=2)
        assert len(world.phone(JOHN).texts) == 1
        await storm(world, 1, start=1)
        await world.advance(minutes=14)
        assert len(world.phone(JOHN).texts) == 1, "a quarter of an hour after it was decided, not after it came"
        await world.advance(minutes=2)
        assert len(world.phone(JOHN).texts) == 2
        world.expect_what_was_said()


async def test_a_storm_that_is_over_before_it_is_told_says_nothing(sqlite_url: str) -> None:
    async with await world_of(sqlite_url) as world:
        ids = await storm(world, 6)
        before = len(world.phone(JOHN).texts)
        for short_id in ids:
            await world.post({}, f"/api/v1/incidents/{short_id}/acknowledge/")
        await world.advance(minutes=5)
        assert len(world.phone(JOHN).texts) == before
        world.expect_what_was_said()


async def test_what_is_over_before_its_card_was_there_leaves_nothing_behind(sqlite_url: str) -> None:
    async with await world_of(sqlite_url) as world:
        ids = await storm(world, 40)
        held = await world.app.store.read(lambda tx: held_cards.of_channel(tx, "#sre-incidents", 100))
        assert held
        for number in range(40):
            body = alert_body(f"Down {number}", group=f"g{number}", fingerprint=f"f{number}", status="resolved")
            assert (await world.post(body))[0] == 202
        await world.settle()
        waiting = await world.app.store.read(lambda tx: tx.execute(text("SELECT kind, incident FROM outbox")).all())
        assert not [row for row in waiting if row.incident in held]
        assert not [row for row in waiting if row.kind == "copy"]
        for short_id in ids:
            _, found = await world.get(f"/api/v1/incidents/{short_id}/")
            assert found["status"] == "RESOLVED"
        world.expect_what_was_said()


async def test_a_duplicate_whose_card_was_held_gets_none(sqlite_url: str) -> None:
    async with await world_of(sqlite_url) as world:
        main, *_ = await storm(world, 30)
        held = await world.app.store.read(lambda tx: held_cards.of_channel(tx, "#sre-incidents", 100))
        _, duplicate = await world.get(f"/api/v1/incidents/{held[0]}/")
        await world.command("/incident", f"merge {main} {duplicate['short_id']}", as_="ada")
        waiting = await world.app.store.read(lambda tx: tx.execute(text("SELECT incident FROM outbox")).scalars().all())
        assert held[0] not in waiting
        for _ in range(20):
            await world.advance(seconds=30)
        cards = [one for one in world.outside.workspace.messages_in(CHANNEL) if not one.is_reply]
        assert not [one for one in cards if f"Duplicate of {main}" in one.words]
        world.expect_what_was_said()


async def test_what_is_held_survives_a_restart(sqlite_url: str) -> None:
    async with await world_of(sqlite_url) as world:
        ids = await storm(world, 30)
    async with world_on(sqlite_url, catalog=[ORGANISATION, POLICY], token="after") as again:
        await again.advance(seconds=20)
        assert any("incidents want you" in one.text for one in again.phone(JOHN).texts)
        await again.advance(minutes=3)
        _, listed = await again.get("/api/v1/incidents/?page_size=100")
        assert {one["short_id"] for one in listed["results"]} == set(ids)
        assert 'vigie_outbox_depth{lane="held"} 0.0' in await _metrics(again)
        again.expect_what_was_said()


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_thousand_alerts_in_ten_seconds_at_slacks_own_rates(sqlite_url: str) -> None:
    """Intake's slowest percent, the first page's delay, SMS in a quarter of an hour, and nothing lost."""
    how: dict[str, Any] = {"public_url": "https://vigie.example.com", "secret_key": KEY}
    async with world_on(sqlite_url, catalog=[ORGANISATION, POLICY], is_limited=True, **how) as world:
        loop = asyncio.get_running_loop()
        took: list[float] = []

        async def one(number: int) -> None:
            await asyncio.sleep(number / 100)
            body = alert_body(f"Down {number}", group=f"g{number}", fingerprint=f"f{number}", severity="warning")
            started = loop.time()
            assert (await world.post(body))[0] == 202
            took.append(loop.time() - started)

        started = loop.time()
        sending = asyncio.gather(*(one(number) for number in range(1000)))
        while not world.phone(JOHN).texts:
            await asyncio.sleep(0.01)
        first = loop.time() - started
        await sending
        async with asyncio.timeout(60):
            while not any("torm" in one.words for one in world.outside.workspace.messages_in(CHANNEL)):
                await asyncio.sleep(0.1)
            while "1000" not in digest(world).words and "9" not in digest(world).words:
                await asyncio.sleep(0.1)
        p99 = sorted(took)[989]
        world.clock.push(timedelta(minutes=15))
        world.app.worker.wake()
        await asyncio.sleep(3)
        texts = world.phone(JOHN).texts
        assert len(texts) <= 5 + 1, len(texts)
        assert p99 < 1.0
        assert first < 2.0
        _, listed = await world.get("/api/v1/incidents/?page_size=1")
        assert listed["count"] == 1000
        assert not [call for call in world.outside.workspace.calls if call.status == 429]


GRAVE = ORGANISATION.replace(
    "    lead: ada\n", "    lead: ada\n    war_room: [SEV2_HIGH]\n    stakeholders: [chief@example.com]\n"
)


async def test_stakeholders_get_one_mail_for_many_and_war_rooms_come_when_somebody_can_use_them(
    database_url: str,
) -> None:
    async with world_on(database_url, catalog=[GRAVE, TEXTS]) as world:
        chief = world.mailbox("chief@example.com")

        def rooms() -> list[str]:
            return [one.name[:10].upper() for one in world.outside.workspace.channels.values() if "inc-" in one.name]

        ids = await storm(world, 7)
        assert len(chief.mails) == 3 and set(rooms()) == set(ids[:3])
        assert "made once somebody has it" in world.card(ids[3]).words
        _, held = await world.get("/api/v1/storms/")
        found = {one["kind"]: (one["name"], one["incidents"]) for one in held["results"]}
        assert found["stakeholder"] == ("chief@example.com", 4) and found["war_rooms"] == ("SRE Core", 4)
        metrics = await _metrics(world)
        assert 'vigie_storm_held{what="letters"} 4.0' in metrics and 'vigie_storm_held{what="rooms"} 4.0' in metrics
        await world.card(ids[5]).click("Acknowledge", as_="ada")
        assert set(rooms()) == {*ids[:3], ids[5]}
        await world.post({"note": "done"}, f"/api/v1/incidents/{ids[3]}/resolve/")
        await world.settle()
        await world.advance(seconds=61)
        many = chief.mails[-1]
        assert len(chief.mails) == 4 and "3 incidents under way, worst SEV2" in many.subject
        assert f"{ids[3]} Down 3 · It is over" in many.text and f"{ids[6]} Down 6" in many.text
        _, told = await world.get(f"/api/v1/incidents/{ids[6]}/")
        events = [one["event"] for one in told["timeline"]]
        assert events.count("page_held") >= 2 and "stakeholders_told" in events
        await world.advance(minutes=16)
        assert set(rooms()) == {*ids[:3], *ids[4:]}
        assert (await world.get("/api/v1/storms/"))[1]["results"] == []
        world.expect_what_was_said()
