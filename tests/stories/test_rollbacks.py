"""A run given up: what was really done is rolled back, last first, and what can't be is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.world import Shown, World, read, world_on

BOOK = """
Title: Move the traffic
Service: redis-prod
Four eyes: {four_eyes}
Steps:
  - {title: Drain the node, command: 'drain {label.host}', rollback: 'undrain {label.host}'}
  - {title: Tell the others, command: say it}
  - {title: Raise the limit, command: limit 20, rollback: limit 10}
  - {title: Promote a replica, command: failover, critical: {critical}, rollback: failover abort}
  - {title: Check that it answers, command: ping}
"""


def book(*, four_eyes: bool = False) -> str:
    said = "true" if four_eyes else "false"
    return BOOK.replace("{four_eyes}", said).replace("{critical}", said)


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with world_on(database_url, catalog=[read("organisation.yaml"), book()]) as running:
        yield running
        running.finish()


async def opened(world: World, done: int) -> Shown:
    """An incident with so many steps done by John."""
    await world.alert(host="redis 1")
    card = world.card()
    world.expect_thread(card, "No escalation policy", "version 1")
    for number in range(1, done + 1):
        await card.step(number).click("Done", as_="john")
    card.step(done + 1)
    return card


def overview(card: Shown) -> Shown:
    return card.reply("Move the traffic", "version 1")


async def form(world: World, name: str) -> Any:
    member = world.outside.slack.member(name)
    return await world.outside.workspace.wait_for(
        lambda: member.view if member.view and "submit" in member.view.body else None, what="the form"
    )


async def abort(world: World, card: Shown, as_: str = "ada") -> str:
    """Ask for it, read what it says, send it."""
    await overview(card).click("Abort and roll back", as_=as_)
    member, view = world.outside.slack.member(as_), await form(world, as_)
    told = view.words
    assert (await member.submit(view, {})).closed
    await world.settle()
    return str(told)


async def test_the_rollbacks_come_one_at_a_time_last_first(world: World) -> None:
    card = await opened(world, 3)
    told = await abort(world, card)
    assert told.index("Raise the limit") < told.index("Drain the node")
    assert "without a rollback" in told and "Tell the others" in told
    card.reply("Ada Admin stopped the runbook", "2 steps")
    assert not card.step(4).buttons and "has stopped this runbook" in card.step(4).words
    third = card.reply("Roll back step 3", "limit 10")
    assert not [one for one in card.thread() if "Roll back step 1" in one.words]
    await third.click("Done", as_="john", confirm=True)
    assert "Rolled back by John Doe" in third.words and not third.buttons
    card.reply("John Doe rolled back step 3")
    first = card.reply("Roll back step 1", "undrain 'redis 1'")
    assert "rolling back, 1 of 2 done" in card.words
    await first.click("Skip", as_="john")
    assert (await world.submit("john", "Skip the rollback", {"reason": " "})).errors
    assert (await world.submit("john", "Skip the rollback", {"reason": "It is gone"})).closed
    assert "Left as it is by John Doe" in first.words
    card.reply("left step 1", "It is gone")
    card.reply("The runbook Move the traffic is rolled back")
    assert "rolled back, 1 step" in card.words
    shown = overview(card)
    assert "stopped by Ada Admin" in shown.words and "without a rollback: 2" in shown.words and not shown.buttons


async def test_the_post_mortem_says_what_was_left_as_it_is(world: World) -> None:
    card = await opened(world, 3)
    await abort(world, card)
    await card.reply("Roll back step 3").click("Done", as_="john", confirm=True)
    await card.reply("Roll back step 1").click("Skip", as_="john")
    await world.submit("john", "Skip the rollback", {"reason": "It is gone"})
    await card.click("Resolve", as_="ada")
    await world.submit("ada", "Resolve the incident", {"note": "Fixed"})
    (incident,) = (await world.get("/api/v1/incidents/"))[1]["results"]
    headers = {"Authorization": f"Token {world.token}", "Accept": "text/markdown"}
    async with world.http.get(f"/api/v1/incidents/{incident['id']}/postmortem/", headers=headers) as answer:
        told = await answer.text()
    assert answer.status == 200 and "| 1. Drain the node | done, left as it was: It is gone | John Doe |" in told, told
    known = await world.command("/runbook", "stats Move the traffic", as_="ada")
    assert known and "Never carried out*: 4. Promote a replica, 5. Check that it answers" in known.words
    world.expect_what_was_said()


async def test_a_step_rolled_back_alone_is_not_asked_again(world: World) -> None:
    card = await opened(world, 3)
    await card.step(1).click("Roll back", as_="john", confirm=True)
    card.reply("John Doe rolled back step 1")
    told = await abort(world, card)
    assert "Drain the node" not in told
    card.reply("Ada Admin stopped the runbook", "1 step is")
    await card.reply("Roll back step 3", "limit 10").click("Done", as_="ada", confirm=True)
    card.reply("Ada Admin rolled back step 3")
    card.reply("is rolled back.")
    assert "rolled back, 2 steps" in card.words


async def test_a_run_that_is_finished_can_be_rolled_back(world: World) -> None:
    card = await opened(world, 4)
    await card.step(5).click("Done", as_="john")
    assert "finished" in card.words
    await abort(world, card)
    for number in (4, 3, 1):
        await card.reply(f"Roll back step {number}: ").click("Done", as_="ada", confirm=True)
        card.reply(f"Ada Admin rolled back step {number}")
    card.reply("stopped the runbook")
    card.reply("is rolled back.")
    assert "rolled back, 3 steps" in card.words


async def test_nothing_done_is_nothing_to_roll_back(world: World) -> None:
    card = await opened(world, 0)
    assert "Abort and roll back" not in overview(card).buttons


async def test_two_abort_at_once_and_one_is_told(world: World) -> None:
    card = await opened(world, 1)
    for name in ("ada", "john"):
        await overview(card).click("Abort and roll back", as_=name)
    views = {name: await form(world, name) for name in ("ada", "john")}
    assert (await world.outside.slack.member("ada").submit(views["ada"], {})).closed
    await world.settle()
    outcome = await world.outside.slack.member("john").submit(views["john"], {})
    assert outcome.view
    assert "Ada Admin has stopped this runbook" in outcome.view.words
    card.reply("Ada Admin stopped the runbook")
    card.reply("Roll back step 1")


async def test_old_buttons_of_a_run_that_was_given_up(world: World) -> None:
    card = await opened(world, 3)
    old = {number: [dict(block) for block in card.step(number).message.blocks] for number in (1, 4)}
    await abort(world, card)
    for number, blocks in old.items():
        card.step(number).message.blocks[:] = blocks
    await card.step(4).click("Done", as_="john")
    assert "has stopped this runbook" in world.whispers("john")[-1]
    await card.step(1).click("Roll back", as_="john", confirm=True)
    assert "tep 3 is rolled back first" in world.whispers("john")[-1]
    card.reply("Ada Admin stopped the runbook")
    card.reply("Roll back step 3")


async def test_the_incident_resolved_meanwhile(world: World) -> None:
    card = await opened(world, 1)
    await abort(world, card)
    rollback = card.reply("Roll back step 1")
    await card.click("Resolve", as_="ada")
    await world.submit("ada", "Resolve the incident", {"note": "Fixed"})
    assert not rollback.buttons
    card.reply("stopped the runbook")
    card.reply("is resolved")


async def test_rolling_back_a_critical_step_takes_four_eyes(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), book(four_eyes=True)]) as world:
        card = await opened(world, 3)
        await card.step(4).click("Done", as_="john", confirm=True)
        request = card.reply("wants to have step 4")
        await request.click("Approve", as_="ada", confirm=True)
        card.step(5)
        await abort(world, card, as_="john")
        rollback = card.reply("Roll back step 4", "failover abort")
        await rollback.click("Done", as_="john", confirm=True)
        again = card.reply("wants to roll back step 4")
        assert "Done" in rollback.buttons
        await again.click("Approve", as_="john", confirm=True)
        assert "somebody else has to approve" in world.whispers("john")[-1]
        await again.click("Approve", as_="lea", confirm=True)
        assert "approved by Léa Lead" in rollback.words
        card.reply("stopped the runbook")
        card.reply("John Doe rolled back step 4")
        card.reply("Roll back step 3")
        world.finish()
