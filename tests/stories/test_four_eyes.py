"""Four eyes on a critical step: a second person, asked in the thread, agrees, refuses, or is nowhere to be found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.world import Shown, World, read, world_on

BOOK = """
Title: Fail over
Service: redis-prod
Four eyes: true
Steps:
  - {title: Promote a replica, command: redis-cli failover, critical: true, rollback: redis-cli failover abort}
  - {title: Check that it answers, command: redis-cli ping}
"""


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with world_on(database_url, catalog=[read("organisation.yaml"), BOOK]) as running:
        yield running
        running.finish()


async def opened(world: World) -> Shown:
    await world.alert()
    card = world.card()
    world.expect_thread(card, "No escalation policy", "version 1")
    await card.click("Acknowledge", as_="john")
    world.expect_thread(card, "has it")
    assert "a second person has to agree" in card.step(1).words
    return card


async def asked(world: World) -> tuple[Shown, Shown]:
    card = await opened(world)
    await card.step(1).click("Done", as_="john", confirm=True)
    return card, card.reply("wants to have step 1 · Promote a replica done")


async def events(world: World) -> list[str]:
    (incident,) = (await world.get("/api/v1/incidents/"))[1]["results"]
    _, told = await world.get(f"/api/v1/incidents/{incident['short_id']}/timeline/")
    entries: list[dict[str, Any]] = told["results"] if isinstance(told, dict) else told
    return [entry["event"] for entry in entries]


async def test_a_second_person_approves(world: World) -> None:
    card, request = await asked(world)
    assert request.buttons == ["Approve", "Refuse", "Break the glass"]
    assert "Done by" not in card.step(1).words
    await request.click("Approve", as_="ada", confirm=True)
    assert "Done by John Doe" in card.step(1).words
    assert "approved by Ada Admin" in card.step(1).words
    assert "Ada Admin agreed" in request.words and not request.buttons
    card.step(2)
    assert {"approval_asked", "approved", "step_done"} <= set(await events(world))


async def test_whoever_asked_is_no_second_person(world: World) -> None:
    card, request = await asked(world)
    await request.click("Approve", as_="john", confirm=True)
    assert "somebody else has to approve" in world.whispers("john")[-1]
    assert "Done by" not in card.step(1).words


async def test_nor_is_their_other_account(world: World) -> None:
    card, request = await asked(world)
    world.outside.workspace.add_user("stranger", user_id="U09OTHER")
    await request.click("Approve", as_="stranger", confirm=True)
    assert "Only somebody whom Vigie knows" in world.whispers("stranger")[-1]
    twin = "{handle: john2, name: Johnny, phone: '+33600000002', slack: U09OTHER}"
    await world.load([f"people: [{twin}]"])
    await request.click("Approve", as_="stranger", confirm=True)
    assert "somebody else has to approve" in world.whispers("stranger")[-1]
    assert "Done by" not in card.step(1).words


async def test_asked_twice_is_one_question(world: World) -> None:
    card, _ = await asked(world)
    await card.step(1).click("Done", as_="lea", confirm=True)
    assert world.whispers("lea")
    assert len([one for one in card.thread() if "wants to have" in one.words]) == 1


async def test_refused_with_a_reason(world: World) -> None:
    card, request = await asked(world)
    await request.click("Refuse", as_="ada")
    assert (await world.submit("ada", "Refuse", {"reason": " "})).errors
    assert (await world.submit("ada", "Refuse", {"reason": "The replica lags"})).closed
    assert "Ada Admin refused: The replica lags" in request.words and not request.buttons
    card.reply("Ada Admin refused that John Doe may")
    await card.step(1).click("Done", as_="john", confirm=True)
    again = [one for one in card.thread() if "has to agree" in one.words and "wants to have" in one.words]
    world.expected.add((again[-1].channel, again[-1].ts))
    await Shown(again[-1], world).click("Approve", as_="ada", confirm=True)
    assert "Done by John Doe" in card.step(1).words
    card.step(2)


async def test_a_request_expires_and_is_asked_again(world: World) -> None:
    card, request = await asked(world)
    await world.advance(minutes=11)
    assert "ask again with the step" in request.words and not request.buttons
    card.reply("Nobody answered John Doe")
    await card.step(1).click("Done", as_="john", confirm=True)
    again = [one for one in card.thread() if "has to agree" in one.words and "wants to have" in one.words]
    assert len(again) == 2
    world.expect_what_was_said()
    assert "expired" in await events(world)


async def test_an_old_button_says_what_became_of_it(world: World) -> None:
    card, request = await asked(world)
    old = [dict(block) for block in request.message.blocks]
    await request.click("Approve", as_="ada", confirm=True)
    request.message.blocks[:] = old
    await request.click("Approve", as_="lea", confirm=True)
    assert "Ada Admin" in world.whispers("lea")[-1]
    card.step(2)


async def test_two_approve_at_once_and_one_wins(world: World) -> None:
    card, request = await asked(world)
    ada, lea = (world.outside.slack.member(name) for name in ("ada", "lea"))
    clicks = [member.click(request.message, "Approve", confirm=True) for member in (ada, lea)]
    await asyncio.gather(*clicks)
    await world.settle()
    assert len(world.whispers("ada") + world.whispers("lea")) == 1
    assert card.step(1).words.count("approved by") == 1
    card.step(2)


async def test_a_problem_meanwhile_makes_it_void(world: World) -> None:
    card, request = await asked(world)
    await card.step(1).click("Problem", as_="ada")
    await world.submit("ada", "A problem", {"words": "It hangs"})
    card.reply("Ada Admin has a problem with step 1")
    assert "Void" in request.words and not request.buttons


async def test_resolved_meanwhile_makes_it_void(world: World) -> None:
    card, request = await asked(world)
    await card.click("Resolve", as_="ada")
    await world.submit("ada", "Resolve the incident", {"note": "Fixed by itself"})
    card.reply("is resolved")
    assert "Void" in request.words and not request.buttons


async def test_another_runbook_attached_meanwhile_makes_it_void(world: World) -> None:
    card, request = await asked(world)
    other = "{title: Delete everything, command: rm, critical: true}"
    await world.load([f"Title: Start anew\nFour eyes: true\nSteps: [{other}]"])
    (incident,) = (await world.get("/api/v1/incidents/"))[1]["results"]
    await world.command("/runbook", f"attach {incident['short_id']} Start anew", as_="john")
    assert "Void" in request.words and not request.buttons
    assert "Delete everything" in card.step(1).words


async def test_carried_over_meanwhile_makes_it_void(world: World) -> None:
    card, request = await asked(world)
    await world.load([BOOK.replace("redis-cli failover,", "redis-cli failover --now,")])
    await world.settle()
    await card.step(1).click("Carry the done steps over", as_="ada")
    member = world.outside.slack.member("ada")
    view = await world.outside.workspace.wait_for(
        lambda: member.view if member.view and "submit" in member.view.body else None, what="the form"
    )
    assert (await member.submit(view, {})).closed
    await world.settle()
    assert "Void" in request.words and "Promote a replica" in request.words and not request.buttons
    assert "--now" in card.step(1).words
    card.reply("Ada Admin carried the runbook")


async def test_skipping_takes_a_second_person_too(world: World) -> None:
    card = await opened(world)
    await card.step(1).click("Skip", as_="john")
    assert (await world.submit("john", "Skip the step", {"reason": "No replica"})).closed
    request = card.reply("wants to skip step 1", "No replica")
    assert "Skipped" not in card.step(1).words
    await request.click("Approve", as_="lea", confirm=True)
    assert "Skipped by John Doe" in card.step(1).words
    card.reply("John Doe skipped step 1")
    card.step(2)


async def test_the_glass_is_broken_aloud(world: World) -> None:
    card, request = await asked(world)
    await request.click("Break the glass", as_="john")
    assert (await world.submit("john", "Break the glass", {"reason": "  "})).errors
    assert (await world.submit("john", "Break the glass", {"reason": "Nobody answers"})).closed
    assert "Done by John Doe" in card.step(1).words and "without a second person" in card.step(1).words
    assert "broke the glass" in request.words
    card.reply("no second person agreed that John Doe may", "Nobody answers")
    told = world.direct("lea")
    assert "Nobody answers" in told.words
    card.step(2)
    assert "glass_broken" in await events(world)
