"""A runbook in its thread: skip, problem, roll back, a choice, two people, and what the server refuses."""

from __future__ import annotations

import asyncio

from tests.world import Shown, World, read, world_on

TIE = """
Title: Restart it
Service: redis-prod
Steps: [{title: Restart the node, command: systemctl restart redis}]
---
Title: Fail over
Service: redis-prod
Steps: [{title: Promote a replica, command: redis-cli failover, critical: true, rollback: redis-cli failover abort}]
"""


async def opened(world: World) -> Shown:
    await world.alert()
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)
    return card


async def test_skip_asks_for_a_reason(world: World) -> None:
    card = await opened(world)
    await card.step(1).click("Skip", as_="john")
    refused = await world.submit("john", "Skip the step", {"reason": "   "})
    assert refused.errors == {"reason": "Say why this step is skipped."}
    assert (await world.submit("john", "Skip the step", {"reason": "Known already"})).closed
    assert "Skipped by John Doe" in card.step(1).words
    assert "Known already" in card.step(1).words
    card.reply("John Doe skipped step 1")
    card.step(2)


async def test_a_problem_offers_the_rollback(world: World) -> None:
    card = await opened(world)
    for number in range(1, 4):
        await card.step(number).click("Done", as_="john")
    step = card.step(4)
    await step.click("Problem", as_="john")
    assert (await world.submit("john", "A problem", {"words": "It hangs"})).closed
    assert "It hangs" in step.words
    card.reply("John Doe has a problem with step 4", "It hangs")
    await step.click("Roll back", as_="john", confirm=True)
    assert "Rolled back by John Doe" in step.words
    card.reply("rolled back step 4")
    card.step(5)


async def test_a_done_step_can_be_rolled_back_while_the_incident_is_open(world: World) -> None:
    card = await opened(world)
    for number in range(1, 5):
        await card.step(number).click("Done", as_="john", confirm=True if number == 4 else None)
    assert card.step(4).buttons == ["Roll back"]
    card.step(5)
    await card.step(4).click("Roll back", as_="ada", confirm=True)
    assert "Rolled back by Ada Admin" in card.step(4).words
    card.reply("rolled back step 4")
    await card.click("Resolve", as_="john")
    await world.submit("john", "Resolve the incident", {"note": "Fixed"})
    assert not card.step(5).buttons
    card.reply("is resolved")


async def test_nothing_is_rolled_back_once_the_incident_is_resolved(world: World) -> None:
    card = await opened(world)
    for number in range(1, 5):
        await card.step(number).click("Done", as_="john", confirm=True if number == 4 else None)
    assert card.step(4).buttons == ["Roll back"]
    card.step(5)
    await card.click("Resolve", as_="john")
    await world.submit("john", "Resolve the incident", {"note": "Fixed"})
    assert not card.step(4).buttons
    card.reply("is resolved")


async def test_two_people_on_one_step(world: World) -> None:
    card = await opened(world)
    ada, john = (world.outside.slack.member(name) for name in ("ada", "john"))
    step = card.step(1).message
    await asyncio.gather(ada.click(step, "Done"), john.click(step, "Done"))
    await world.settle()
    told = world.whispers("ada") + world.whispers("john")
    assert len(told) == 1
    assert "already done by" in told[0]
    card.step(2)


async def test_runbooks_that_tie_are_a_choice(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), TIE]) as world:
        await world.alert()
        card = world.card("Several runbooks fit")
        card.reply("No escalation policy")
        assert {"📖 Restart it", "📖 Fail over"} <= set(card.buttons)
        await card.click("📖 Fail over", as_="john")
        assert "📖 Fail over" not in card.buttons
        card.reply("Fail over", "version 1")
        step = next(message for message in card.thread() if "Promote a replica" in message.words.split("\n")[0])
        world.expected.add((step.channel, step.ts))
        await Shown(step, world).click("Done", as_="john", confirm=True)
        assert "1 of 1" in card.words
        world.finish()


async def test_the_run_keeps_the_version_it_started_with(world: World) -> None:
    card = await opened(world)
    changed = read("guide.yaml").replace("Identifier les nœuds en échec", "Autre chose")
    await world.load([read("organisation.yaml"), changed])
    await card.step(1).click("Done", as_="john")
    assert "Identifier les nœuds en échec" in card.step(2).words


async def test_a_guest_may_work_the_runbook_but_not_resolve(world: World) -> None:
    card = await opened(world)
    stranger = world.outside.workspace.add_user("guest", user_id="U09GUEST")
    world.outside.workspace.channel("sre-incidents").members.append(stranger.id)
    await card.step(1).click("Done", as_="guest")
    card.step(2)
    await card.click("Resolve", as_="guest")
    guest = world.outside.slack.member("guest")
    await world.outside.workspace.wait_for(lambda: guest.view and "takes the role operator" in guest.view.words)
    assert "Nobody has it yet" in card.words


async def test_whoever_may_no_longer_resolve_is_told_when_the_form_is_sent(world: World) -> None:
    card = await opened(world)
    await card.click("Resolve", as_="john")
    await world.form("john", "Resolve")
    john = "{handle: john, name: John Doe, email: john.doe@example.com, phone: '+33600000002', slack: U02JOHN, role: "
    await world.load([f"people: [{john} responder}}]"])
    outcome = await world.submit("john", "Resolve", {"note": "Nope"})
    assert outcome.outcome == "updated"
    assert "takes the role operator; yours is responder" in outcome.view.words
    assert "Nobody has it yet" in card.words


async def test_who_clicks_in_the_thread_is_answered_in_the_thread(world: World) -> None:
    await world.alert()
    card = world.card()
    first = card.step(1)
    await first.click("Done", as_="ada")
    world.outside.slack.member("john")
    stale = card.step(2)
    old = dict(stale.message.blocks[-1])
    await stale.click("Done", as_="ada")
    stale.message.blocks.append(old)
    await stale.click("Done", as_="john")
    told = world.outside.slack.member("john").ephemerals[-1]
    assert "already done by" in told.words and told.thread_ts == card.message.ts
    world.expect_what_was_said()
