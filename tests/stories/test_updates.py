"""Status updates: told everywhere at once, reminded of, and sent to stakeholders by e-mail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.stories.test_war_rooms import ROOMS, Night, organisation
from tests.world import World, alert_body, read, world_on

CHIEF, SHOP = "chief@example.com", "shop@example.com"
SETTINGS = f"{ROOMS}    stakeholders: [{CHIEF}, {SHOP}]\n"


@pytest.fixture
async def night(database_url: str) -> AsyncIterator[Night]:
    async with world_on(database_url, catalog=[organisation(SETTINGS), read("guide.yaml")]) as world:
        while not world.app.use_cases.homes.workspace_url:
            await asyncio.sleep(0.005)
        yield Night(world)
        world.expect_what_was_said()
        world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
        world.expected |= {id(mail) for mail in world.outside.mail.inbox.messages}
        world.finish()


def subjects(world: World, address: str) -> list[str]:
    return [mail.subject for mail in world.mailbox(address).mails]


def directs(world: World, name: str) -> list[str]:
    return [message.words for message in world.outside.slack.member(name).direct_messages]


async def test_an_update_is_told_everywhere(night: Night) -> None:
    world = night.world
    card = await night.alert()
    told = await world.command("/incident", f"update {night.short_id} Masters are coming back", as_="ada")
    assert told and "is out" in told.words
    line = card.reply("Status update", "Ada Admin", "Masters are coming back")
    assert line.message.reply_broadcast
    night.said("Masters are coming back")
    entry = next(one for one in (await night.shown())["timeline"] if one["event"] == "status_update")
    assert (entry["by"], entry["details"]) == ("Ada Admin", {"text": "Masters are coming back"})
    for address in (CHIEF, SHOP):
        first, second = world.mailbox(address).mails
        assert "An incident has begun" in first.text and night.short_id in first.subject
        assert "Masters are coming back" in second.text
        assert second.message["References"].split() == [first.message["Message-ID"]]
        assert second.message.get_all("Auto-Submitted") == ["auto-generated"]

    await card.click("Resolve", as_="ada")
    await world.submit("ada", "Resolve", {"note": "Failover", "root_cause": "Disk"})
    last = world.mailbox(CHIEF).mails[-1]
    assert "The incident is over" in last.text and "Failover" in last.text
    assert len(subjects(world, CHIEF)) == 3
    events = await night.events()
    assert events.count("stakeholders_told") == 3
    assert not [one for one in card.thread() if "stakeholder" in one.words]


async def test_the_form(night: Night) -> None:
    world = night.world
    card = await night.alert()
    await card.click("Acknowledge", as_="john")
    await world.outside.slack.member("john").select(card.message, "incident.more.v1", "Status update…")
    await world.form("john", "Status update")
    outcome = await world.submit(
        "john",
        "Status update",
        {"What we know": "3 masters down", "Impact": "Carts are lost", "Next update in": "15 min"},
    )
    assert outcome.closed
    line = card.reply("What we know", "3 masters down", "Impact", "Carts are lost", "Next update at")
    assert "What we do" not in line.words
    await world.advance(minutes=15)
    assert any("A status update is due" in words for words in directs(world, "john"))


async def test_whoever_tells_the_others_is_reminded(night: Night) -> None:
    world = night.world
    card = await night.alert()
    await world.advance(minutes=4)
    await card.click("Acknowledge", as_="john")
    await world.command("/incident", f"comms {night.short_id} ada", as_="john")
    await world.advance(minutes=29)
    assert not [one for one in directs(world, "ada") if "status update is due" in one]
    await world.advance(minutes=1)
    first = world.direct("ada")
    assert "Tell those who wait how it stands" in first.words
    assert {"Write the update", "In 15 min", "No more reminders"} <= set(first.buttons)
    assert not [one for one in directs(world, "john") if "status update is due" in one]

    await first.click("In 15 min", as_="ada")
    assert not first.buttons
    await world.advance(minutes=15)
    second = world.direct("ada")
    assert second.message is not first.message
    await world.post({"text": "Still at it"}, f"/api/v1/incidents/{night.short_id}/updates/")
    await world.settle()
    assert not second.buttons

    await world.advance(minutes=30)
    third = world.direct("ada")
    assert third.message is not second.message
    await third.click("No more reminders", as_="ada")
    await world.advance(minutes=300)
    assert not third.buttons
    assert (await night.events()).count("update_due") == 3
    card.reply("wants no more reminders")


async def test_nobody_is_reminded_while_nobody_has_it(night: Night) -> None:
    await night.alert()
    await night.world.advance(minutes=90)
    assert "update_due" not in await night.events()


async def test_a_stakeholder_whom_nothing_reaches_is_named(night: Night) -> None:
    world = night.world
    world.outside.mail.recipient_answers[SHOP] = "550 5.1.1 no such user"
    card = await night.alert()
    line = card.reply("1 stakeholder not told by e-mail", SHOP)
    assert CHIEF not in line.words
    assert len(subjects(world, CHIEF)) == 1
    assert (await night.shown())["status"] == "TRIGGERED"


async def test_what_is_not_grave_is_told_only_when_somebody_wants_it(night: Night) -> None:
    world = night.world
    await night.alert(severity="info")
    assert subjects(world, CHIEF) == []
    await world.post({"text": "Slow, but up"}, f"/api/v1/incidents/{night.short_id}/updates/")
    await world.settle()
    await world.post({"note": "Done"}, f"/api/v1/incidents/{night.short_id}/resolve/")
    await world.settle()
    assert len(subjects(world, CHIEF)) == 2


async def test_an_update_that_says_nothing(night: Night) -> None:
    await night.alert()
    where = f"/api/v1/incidents/{night.short_id}/updates/"
    status, problem = await night.world.post({"text": " "}, where)
    assert (status, problem["errors"][0]["field"]) == (422, "text")
    status, problem = await night.world.post({"text": "x", "next_update": "soon"}, where)
    assert (status, problem["errors"][0]["field"]) == (422, "next_update")
    status, _ = await night.world.post({}, f"/api/v1/incidents/{night.short_id}/room/")
    assert status == 200
    await night.world.post({"note": "Done"}, f"/api/v1/incidents/{night.short_id}/resolve/")
    assert (await night.world.post({"text": "late"}, where))[0] == 409


async def test_a_promise_is_reminded_of_whatever_the_severity(night: Night) -> None:
    world = night.world
    card = await night.alert(severity="info")
    await card.click("Acknowledge", as_="john")
    said = {"text": "Slow, but up", "next_update": "20m"}
    await world.post(said, f"/api/v1/incidents/{night.short_id}/updates/")
    await world.advance(minutes=20)
    assert "A status update is due" in world.direct("john").words
    await world.advance(minutes=120)
    assert (await night.events()).count("update_due") == 1


async def test_stakeholders_hear_of_it_without_slack(night: Night) -> None:
    world = night.world
    await world.slack_goes()
    await night.world.post(alert_body())
    await world.settle()
    assert len(subjects(world, CHIEF)) == 1
    await world.slack_returns()
    await world.advance(seconds=60)


async def test_a_stakeholder_whom_vigie_knows_reads_their_own_language_and_time(sqlite_url: str) -> None:
    people = organisation(SETTINGS).replace(
        "email: cto@company.com,", f"email: {CHIEF}, locale: fr, timezone: Asia/Tokyo,"
    )
    async with world_on(sqlite_url, catalog=[people, read("guide.yaml")]) as world:
        await world.alert()
        chief, shop = (world.mailbox(address).mails[0].text for address in (CHIEF, SHOP))
        assert "Un incident a commencé" in chief and "Asia/Tokyo" in chief
        assert "An incident has begun" in shop and "Europe/Paris" in shop


async def test_a_long_update_is_told_to_its_end(night: Night) -> None:
    world = night.world
    said = {"What we know": "k" * 1490, "Impact": "i & " * 370, "What we do": f"{'d' * 1400} THE END"}
    card = await night.alert()
    await world.command("/incident", f"update {night.short_id}", as_="ada")
    assert (await world.submit("ada", "Status update", said)).closed
    assert "THE END" in card.reply("Status update").words
    night.said("THE END")
