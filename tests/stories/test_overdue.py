"""A step that takes too long: whoever has the incident is asked, once; the silent are paged again where the policy
wants signs of life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from handlers.runbooks.overdue import OverdueService
from storage import incidents, runs
from tests.world import Shown, World, read, world_on

JOHN, LEA = "+33600000002", "+33600000003"


@pytest.fixture
async def watched(database_url: str) -> AsyncIterator[World]:
    """The guide's catalog, where nobody who has an incident may be silent for an hour."""
    name = "Policy: SRE Core - SEV1\n"
    guide = read("guide.yaml").replace(name, f"{name}ack_timeout: 60 minutes\n")
    async with world_on(database_url, catalog=[read("organisation.yaml"), guide]) as running:
        yield running
        running.finish()


async def opened(world: World) -> Shown:
    """John has it; the first step is expected to take two minutes."""
    await world.alert()
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)
    await card.click("Acknowledge", as_="john")
    world.expect_thread(card, "has it")
    return card


async def asked(world: World) -> tuple[Shown, Shown]:
    card = await opened(world)
    await world.advance(minutes=5)
    return card, card.reply("<@U02JOHN>", "Still on step 1")


async def test_asked_once_past_twice_the_time(world: World) -> None:
    card = await opened(world)
    await world.advance(minutes=3)
    assert not [one for one in card.thread() if "Still on step" in one.words]
    await world.advance(minutes=2)
    question = card.reply("<@U02JOHN>", "Still on step 1", "2 min")
    assert question.buttons == ["Still on it", "I need help"]
    await question.click("Still on it", as_="john")
    assert "John Doe is" in question.words and not question.buttons
    await world.advance(minutes=120)
    assert len([one for one in card.thread() if "Still on step" in one.words]) == 1


async def test_nobody_is_asked_while_nobody_has_it(world: World) -> None:
    await world.alert()
    card = world.card()
    await world.advance(minutes=4.5)
    assert not [one for one in card.thread() if "Still on step" in one.words]
    world.expect_what_was_said()


async def test_a_run_is_not_looked_at_while_nobody_has_its_incident(world: World) -> None:
    await world.alert()
    card = world.card()
    await world.advance(minutes=4.5)
    assert await world.app.store.read(runs.next_wake) is None
    await card.click("Acknowledge", as_="john")
    await world.advance(minutes=3)
    assert not [one for one in card.thread() if "Still on step" in one.words], "its clock starts now"
    await world.advance(minutes=2)
    assert [one for one in card.thread() if "Still on step" in one.words]
    world.expect_what_was_said()


async def test_whoever_takes_it_from_somebody_else_has_the_step_s_time_too(watched: World) -> None:
    world = watched
    card = await opened(world)
    await world.advance(minutes=3)
    await world.command("/incident", "reassign @lea", as_="john")
    await world.advance(minutes=3)
    await card.click("Acknowledge", as_="lea")
    assert not [one for one in card.thread() if "Still on step" in one.words], "she has just taken it"
    await world.advance(minutes=5)
    assert "5 min have passed" in card.reply("<@U03LEA>", "Still on step 1").words
    world.expect_what_was_said()
    world.phone(LEA).expect_sms("Acquittez")
    world.mailbox("lea@example.com").expect_mail("Redis Cluster Down")


async def test_the_first_step_takes_as_long_as_somebody_was_at_it(world: World) -> None:
    await world.alert()
    card = world.card()
    await world.advance(minutes=4)
    await card.click("Acknowledge", as_="john")
    await world.advance(minutes=2)
    await card.step(1).click("Done", as_="john")
    assert "Done by John Doe in 2 min" in card.step(1).words
    world.expect_what_was_said()


async def test_a_step_that_is_done_is_not_asked_about(world: World) -> None:
    card, question = await asked(world)
    await card.step(1).click("Done", as_="john")
    assert "settled" in question.words and not question.buttons
    card.step(2)
    await world.advance(minutes=3)


async def test_nobody_is_paged_after_the_acknowledgement_where_the_policy_does_not_say_so(world: World) -> None:
    card, question = await asked(world)
    assert "somebody else is called" not in question.words
    await world.advance(minutes=24 * 60)
    assert question.buttons
    assert "Acknowledge" not in card.buttons


async def test_silence_brings_the_policy_back(watched: World) -> None:
    world = watched
    card, question = await asked(world)
    assert "Without an answer, somebody else is called" in question.words
    await world.advance(minutes=6)
    card.reply("Nothing was heard of John Doe")
    assert "Nobody answered" in question.words and not question.buttons
    card.reply("Paged first")
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    world.mailbox("john.doe@example.com").expect_mail("Redis Cluster Down")
    world.direct("john")
    assert "Acknowledge" in card.buttons


async def test_a_note_is_an_answer(world: World) -> None:
    card, _ = await asked(world)
    await world.command("/incident", "note Waiting for the backup", as_="john")
    card.reply("Waiting for the backup")
    await world.advance(minutes=30)
    assert "Acknowledge" not in card.buttons


async def test_help_from_the_lead(world: World) -> None:
    card, question = await asked(world)
    await question.click("I need help", as_="john")
    assert "Léa Lead" in str((await world.form("john", "I need help")).body)
    assert (await world.submit("john", "I need help", {"help": "lead"})).closed
    assert "John Doe needs help" in question.words
    card.reply("John Doe needs help with step 1")
    assert world.direct("lea").words
    await world.advance(minutes=30)
    assert "Acknowledge" not in card.buttons


async def test_help_from_the_policy_now(world: World) -> None:
    card, question = await asked(world)
    await question.click("I need help", as_="john")
    assert (await world.submit("john", "I need help", {"help": "escalate"})).closed
    card.reply("John Doe needs help with step 1")
    assert not world.phone(JOHN).texts
    assert "Acknowledge" in card.buttons
    world.expect_what_was_said()
    world.phone(LEA).expect_sms("Acquittez")
    world.mailbox("lea@example.com").expect_mail("Redis Cluster Down")


async def test_help_from_a_policy_that_was_through_begins_it_again(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        await world.alert()
        await world.advance(minutes=60)
        card, boss = world.card(), world.mailbox("cto@company.com")
        await card.click("Acknowledge", as_="john")
        await world.advance(minutes=5)
        await card.reply("Still on step 1").click("I need help", as_="john")
        assert (await world.submit("john", "I need help", {"help": "escalate"})).closed
        assert not [one for one in card.thread() if "Nobody else is left" in one.words]
        before = len(boss.mails)
        await world.advance(minutes=60)
        assert len(boss.mails) > before


async def test_a_problem_is_an_answer_too(world: World) -> None:
    card, question = await asked(world)
    await card.step(1).click("Problem", as_="ada")
    await world.submit("ada", "A problem", {"words": "It hangs"})
    assert question.buttons
    await world.advance(minutes=30)
    assert "Acknowledge" not in card.buttons
    world.expect_what_was_said()


async def test_a_step_of_an_incident_that_somebody_changes_is_looked_at_next_time(postgresql_url: str) -> None:
    """Nothing waits for that incident while it holds others."""
    async with world_on(postgresql_url) as world:
        card = await opened(world)
        incident = (await world.get("/api/v1/incidents/"))[1]["results"][0]["id"]
        overdue = OverdueService(world.app.store, world.clock, lambda: None)
        with world.app.store.engine.begin() as somebody:
            incidents.hold(somebody, [incident])
            world.clock.push(timedelta(minutes=5))
            async with asyncio.timeout(30):
                await overdue.fire()
        await world.settle()
        assert card.reply("<@U02JOHN>", "Still on step 1")
        world.expect_what_was_said()
