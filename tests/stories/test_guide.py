"""The guide's "Workflow Complet": the Redis SEV1, from the alert to the summary."""

from __future__ import annotations

import asyncio

import pytest

from tests.world import World, alert_body, read, world_on

WAR_ROOMS = "    war_room: [SEV1_CRITICAL, SEV2_HIGH]\n"
JOHN, LEA = "+33600000002", "+33600000003"


async def test_the_redis_sev1(database_url: str) -> None:
    """From the alert to the guide's last line, with the war room that the guide's team has."""
    organisation = read("organisation.yaml").replace("    lead: lea\n", f"    lead: lea\n{WAR_ROOMS}")
    async with world_on(database_url, catalog=[organisation, read("guide.yaml")]) as world:
        await the_redis_sev1(world)
        world.finish()


async def the_redis_sev1(world: World) -> None:
    answer = await world.alert(started=world.clock.now().isoformat())
    short_id = answer["incident"]["short_id"]
    card = world.card("Redis Cluster Down", "SEV1", short_id, "redis-prod")
    assert {"Acknowledge", "Resolve", "Escalate now"} <= set(card.buttons)
    assert "John Doe, at" in card.words
    world.expect_thread(card, "Nouvel incident SEV1 créé", "6 steps", "step 1 of 5", "War room")
    name = f"{short_id.lower()}-redis-cluster-down"
    room = world.outside.workspace.channel(name)
    top = world.card("This is the war room", channel=name)
    assert {"U02JOHN", "U03LEA"} <= set(room.members)
    step = card.step(1)
    assert "redis-cli -h redis-master cluster info" in step.words
    assert {"Done", "Skip", "Problem"} <= set(step.buttons)

    await world.advance(minutes=5)
    world.phone(JOHN).expect_sms("Incident SEV1 non acquitté", short_id, "Acknowledge")
    direct = world.direct("john")
    assert "Acknowledge" in direct.buttons
    card.reply("John Doe", "step 2 of 5")

    await world.advance(minutes=3)
    await direct.click("Acknowledge", as_="john")
    assert "<@U02JOHN>" in card.words
    assert "Acknowledge" not in card.buttons
    assert "Acknowledge" not in direct.buttons
    card.reply("John Doe has it")

    await world.advance(minutes=8)
    assert not world.phone(LEA).texts
    card.reply("<@U02JOHN>", "Still on step 1", "Expected: 2 min")

    for number in range(1, 7):
        await card.step(number).click("Done", as_="john", confirm=True if number == 4 else None)
    assert "confirmed by John Doe" in card.step(4).words
    assert "6 of 6" in card.words

    await world.advance(minutes=14)
    await card.click("Resolve", as_="john")
    outcome = await world.submit("john", "Resolve", {"note": "Failover to replica 0", "root_cause": "Disk"})
    assert outcome.closed
    summary = card.reply("is resolved", "Failover to replica 0")
    assert "*Time to detect (MTTD)*\n0 sec" in summary.words
    assert "*Time to acknowledge (MTTA)*\n8 min" in summary.words
    assert "*Time to resolve (MTTR)*\n30 min" in summary.words
    assert room.archived
    assert not top.buttons
    world.card("Time to resolve", "30 min", channel=name)
    card.reply("The war room", "is archived")
    assert not card.buttons
    assert "resolved" in direct.words.lower()
    status, shown = await world.get(f"/api/v1/incidents/{short_id}/")
    assert status == 200
    assert shown["status"] == "RESOLVED"
    assert shown["kpis"]["mtta_seconds"] == pytest.approx(480, abs=5)
    assert shown["kpis"]["mttr_seconds"] == pytest.approx(1800, abs=10)
    assert shown["kpis"]["mttd_seconds"] == pytest.approx(0, abs=5)
    assert shown["resolution_note"] == "Failover to replica 0"
    assert shown["war_room"]["state"] == "archived"
    assert [entry["event"] for entry in shown["timeline"]][-2:] == ["resolved", "room_archived"]


async def test_the_climb_goes_on_until_somebody_has_it(world: World) -> None:
    short_id = (await world.alert())["incident"]["short_id"]
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)
    await world.advance(minutes=5)
    world.phone(JOHN).expect_sms(short_id)
    world.direct("john")
    card.reply("step 2 of 5")
    await world.advance(minutes=10)
    world.phone(LEA).expect_sms("NIVEAU 2")
    world.mailbox("lea@example.com").expect_mail(short_id)
    card.reply("step 3 of 5", "Léa Lead")
    await world.advance(minutes=15)
    world.mailbox("engineering-manager@company.com").expect_mail("NIVEAU 3")
    world.direct("mona")
    card.reply("step 4 of 5")
    await world.advance(minutes=30)
    mail = world.mailbox("cto@company.com").expect_mail("DIRECTION")
    world.phone("+33600000005").expect_sms("DIRECTION")
    card.reply("step 5 of 5")
    card.reply("no further step")
    assert "no further step" in card.words
    assert mail.message["Message-ID"]


async def test_escalate_now_fires_the_next_step_at_once(world: World) -> None:
    await world.alert()
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)
    await card.click("Escalate now", as_="ada", confirm=True)
    world.phone(JOHN).expect_sms("ESCALADE")
    world.direct("john")
    card.reply("step 2 of 5")
    assert "Léa Lead, at" in card.words
    await world.advance(minutes=5)
    assert len(world.phone(JOHN).texts) == 1


async def test_with_slack_away_its_steps_go_another_way_and_the_card_catches_up(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.outside.slack.go_down("refuse", sockets=True)
        status, _ = await world.post(alert_body())
        assert status == 202
        await world.settle()
        world.phone(JOHN).expect_sms("Nouvel incident")
        await world.advance(minutes=5)
        world.phone(JOHN).expect_sms("non acquitté")
        await world.slack_returns()
        card = world.card("Redis Cluster Down")
        world.expect_thread(card, "6 steps", "step 1 of 5", "step 2 of 5", "Nouvel incident")
        card.reply("Slack was away", "SMS to John Doe")
        card.step(1)
        world.finish()


async def test_a_critical_step_is_not_done_without_its_dialog(world: World) -> None:
    await world.alert()
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    for number in range(1, 4):
        await card.step(number).click("Done", as_="john")
    step = card.step(4)
    await step.click("Done", as_="john", confirm=False)
    assert "Done by" not in step.words

    for block in step.message.blocks:
        for element in block.get("elements", ()):
            element.pop("confirm", None)
    await step.click("Done", as_="john")
    assert "Done by" not in step.words
    asked = world.outside.slack.member("john")
    view = await asked.see_view("Confirm the step")
    await world.settle()
    assert (await asked.submit(asked.view or view, {})).closed
    await world.settle()
    assert "confirmed by John Doe" in step.words
    card.step(5)


async def test_two_people_click_at_once(world: World) -> None:
    await world.alert()
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)
    ada, john = (world.outside.slack.member(name) for name in ("ada", "john"))
    await asyncio.gather(ada.click(card.message, "Acknowledge"), john.click(card.message, "Acknowledge"))
    await world.settle()
    told = [world.whispers("ada"), world.whispers("john")]
    assert sorted(map(len, told)) == [0, 1]
    winner = "Ada Admin" if not told[0] else "John Doe"
    assert f"already acknowledged by {winner}" in max(told)[0]
    card.reply(f"{winner} has it")


async def test_nobody_on_call_is_said_and_does_not_wait(database_url: str) -> None:
    organisation = (
        read("organisation.yaml")
        .replace("people: [john]}", "people: [cto]}")
        .replace('phone: "+33600000005"', 'phone: "+33600000005", active: false')
    )
    async with world_on(database_url, catalog=[organisation, read("guide.yaml")]) as world:
        await world.alert()
        card = world.card()
        world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
        card.step(1)
        await world.advance(minutes=5)
        card.reply("nobody is on call")
        world.phone(LEA).expect_sms("NIVEAU 2")
        world.mailbox("lea@example.com").expect_mail()
        card.reply("step 3 of 5")
        world.finish()
