"""A newer version of a runbook, published during a run of it: said where the work is, and carried over to."""

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
{steps}
"""
FIRST = (
    "{title: Drain the node, command: drain, rollback: undrain}",
    "{title: Tell the others, command: say it}",
    "{title: Raise the limit, command: limit 20}",
    "{title: Check that it answers, command: ping}",
)
NEWER = (
    "{title: Look at the graphs, command: graphs}",
    "{title: drain  the node, command: drain --all, rollback: undrain}",
    "{title: Tell everybody, command: say it}",
    "{title: Raise the limit, command: limit 30}",
    "{title: Check that it answers, command: ping}",
)


def book(steps: tuple[str, ...], *, four_eyes: bool = False) -> str:
    lines = "\n".join(f"  - {step}" for step in steps)
    return BOOK.replace("{steps}", lines).replace("{four_eyes}", str(four_eyes).lower())


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with world_on(database_url, catalog=[read("organisation.yaml"), book(FIRST)]) as running:
        yield running
        running.finish()


async def opened(world: World) -> Shown:
    """An incident whose first two steps John has done."""
    await world.alert()
    card = world.card()
    world.expect_thread(card, "No escalation policy", "version 1")
    for number in (1, 2):
        await card.step(number).click("Done", as_="john")
    card.step(3)
    return card


async def publish(world: World, steps: tuple[str, ...] = NEWER, *, four_eyes: bool = False) -> None:
    await world.load([book(steps, four_eyes=four_eyes)])
    world.app.worker.wake()
    await world.settle()


async def form(world: World, name: str) -> Any:
    member = world.outside.slack.member(name)
    return await world.outside.workspace.wait_for(
        lambda: member.view if member.view and "submit" in member.view.body else None, what="the form"
    )


def titled(card: Shown, title: str) -> Shown:
    """The one step with this title that is shown."""
    found = [one for one in card.thread() if title in one.words.split("\n")[0] and "Step " in one.words.split("\n")[0]]
    assert len(found) == 1, [one.words for one in found]
    card.world.expected.add((found[0].channel, found[0].ts))
    return Shown(found[0], card.world)


async def test_a_newer_version_is_said_where_the_work_is(world: World) -> None:
    card = await opened(world)
    assert "is out" not in card.step(3).words
    await publish(world)
    step = card.step(3)
    assert "v2 is out" in step.words and "This run keeps v1" in step.words
    assert "steps 2, 3, 4 changed and step 1 new" in step.words
    assert "limit 20" in step.words
    assert "is out" not in card.step(1).words
    await step.click("Done", as_="john")
    assert "is out" not in step.words
    assert "v2 is out" in card.step(4).words


async def test_a_newer_version_that_comes_over_the_api_is_said_too(world: World) -> None:
    card = await opened(world)
    [shown] = (await world.get("/api/v1/runbooks/"))[1]["results"]
    headers = {"Authorization": f"Token {world.token}"}
    change = {"description": "More words.", "steps": shown["steps"][:3]}
    async with world.http.patch(f"/api/v1/runbooks/{shown['id']}/", json=change, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
    await world.settle()
    assert "v2 is out" in card.step(3).words


async def test_what_is_done_stays_done_with_who_and_when(world: World) -> None:
    card = await opened(world)
    await publish(world)
    old = [dict(block) for block in card.step(3).message.blocks]
    await card.step(3).click("Carry the done steps over", as_="ada")
    view = await form(world, "ada")
    assert "From v1 to v2" in view.words and "Stays as it is: 2, 3" in view.words
    assert (await world.outside.slack.member("ada").submit(view, {})).closed
    await world.settle()
    card.reply("Ada Admin carried the runbook", "v2", "2 steps stay done")
    assert "version 2, pinned" in card.reply("Move the traffic", "pinned").words
    drain = titled(card, "drain the node")
    assert "Step 2/5" in drain.words and "Done by John Doe" in drain.words and "Roll back" in drain.buttons
    assert "Step 3/5" in titled(card, "Tell everybody").words
    current = titled(card, "Look at the graphs")
    assert "Step 1/5" in current.words and "Done" in current.buttons
    gone = [one for one in card.thread() if "This run goes on with v2" in one.words]
    assert len(gone) == 1 and not gone[0].buttons
    now, gone[0].blocks[:] = [dict(block) for block in gone[0].blocks], old
    await Shown(gone[0], world).click("Done", as_="lea")
    assert world.whispers("lea")
    gone[0].blocks[:] = now
    await current.click("Done", as_="john")
    await card.step(4).click("Done", as_="john")
    await titled(card, "Check that it answers").click("Done", as_="john")
    assert "finished, 5 of 5" in card.words


async def test_the_step_under_the_thumb_becomes_the_new_one(world: World) -> None:
    card = await opened(world)
    await publish(world, (FIRST[0], FIRST[1], "{title: Raise the limit, command: limit 30}", FIRST[3]))
    before = card.step(3).message.ts
    await card.step(3).click("Carry the done steps over", as_="ada")
    await world.outside.slack.member("ada").submit(await form(world, "ada"), {})
    await world.settle()
    card.reply("Ada Admin carried the runbook")
    step = card.step(3)
    assert step.message.ts == before
    assert "limit 30" in step.words and "is out" not in step.words


async def test_two_carry_over_at_once_and_one_is_told(world: World) -> None:
    card = await opened(world)
    await publish(world)
    views = {}
    for name in ("ada", "john"):
        await card.step(3).click("Carry the done steps over", as_=name)
        views[name] = await form(world, name)
    assert (await world.outside.slack.member("ada").submit(views["ada"], {})).closed
    outcome = await world.outside.slack.member("john").submit(views["john"], {})
    assert outcome.view
    assert "goes on with a newer version" in outcome.view.words
    await world.settle()
    card.reply("Ada Admin carried the runbook")
    titled(card, "Look at the graphs")


async def test_something_newer_still_is_looked_at_first(world: World) -> None:
    card = await opened(world)
    await publish(world)
    await card.step(3).click("Carry the done steps over", as_="ada")
    view = await form(world, "ada")
    await publish(world, (*NEWER, "{title: Thank everybody}"))
    outcome = await world.outside.slack.member("ada").submit(view, {})
    assert outcome.view
    assert "ersion 3 is out meanwhile" in outcome.view.words
    assert "v3 is out" in card.step(3).words


async def test_what_was_done_alone_is_done_again_for_four_eyes(world: World) -> None:
    card = await opened(world)
    critical = "{title: Drain the node, command: drain, critical: true, rollback: undrain}"
    await publish(world, (critical, *FIRST[1:]), four_eyes=True)
    await card.step(3).click("Carry the done steps over", as_="john")
    view = await form(world, "john")
    assert "second person has to agree: 1" in view.words
    assert (await world.outside.slack.member("john").submit(view, {})).closed
    await world.settle()
    card.reply("John Doe carried the runbook")
    drain = [one for one in card.thread() if "Drain the node" in one.words.split("\n")[0]]
    live = [one for one in drain if "Done" in one.buttons]
    assert len(live) == 1
    world.expect_what_was_said()
