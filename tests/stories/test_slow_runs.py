"""A second person, a broken glass, a rollback and a newer runbook behind a database that takes half a second for each
query: every click is answered in Slack's three seconds, every form opens in time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.stories import test_carry_over as carrying
from tests.stories import test_four_eyes as four_eyes
from tests.stories import test_rollbacks as rollbacks
from tests.stories.test_slow_database import Hand, Slow, gone
from tests.world import World, read, world_on

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
EXPIRED = {"expired_trigger_id", "push_limit_reached", "invalid_trigger"}


@pytest.fixture
async def world(sqlite_url: str, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """One kind of database is enough: what is measured is the doors. The runbook is the test's parameter."""
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), request.param]) as running:
        yield running
        assert not [call for call in running.outside.workspace.calls if call.error in EXPIRED]
        running.expect_what_was_said()
        running.finish()


@pytest.mark.parametrize("world", [four_eyes.BOOK], indirect=True)
async def test_a_second_person_approves_and_another_refuses(world: World) -> None:
    card, request = await four_eyes.asked(world)
    ada = Hand(world, "ada")
    slow = Slow(world)
    with slow:
        await ada.member.click(request.message, "Refuse")
        await ada.before_them()
        form = await ada.labelled("Why not?")
        await ada.member.submit(form, {"reason": "The replica lags"})
        await gone(world, ada)
    await world.settle()
    assert "Ada Admin refused" in request.words
    await card.step(1).click("Done", as_="john", confirm=True)
    again = [one for one in card.thread() if "has to agree" in one.words and "wants to have" in one.words][-1]
    with slow:
        await ada.member.click(again, "Approve", confirm=True)
    await world.settle()
    assert "approved by Ada Admin" in card.step(1).words


@pytest.mark.parametrize("world", [four_eyes.BOOK], indirect=True)
async def test_the_glass_is_broken(world: World) -> None:
    card, request = await four_eyes.asked(world)
    john = Hand(world, "john")
    with Slow(world):
        await john.member.click(request.message, "Break the glass")
        await john.before_them()
        form = await john.labelled("Why can't it wait?")
        await john.member.submit(form, {"reason": "Nobody answers"})
        await gone(world, john)
    await world.settle()
    assert "Done by John Doe" in card.step(1).words


@pytest.mark.parametrize("world", [rollbacks.book()], indirect=True)
async def test_a_rollback_is_left(world: World) -> None:
    card = await rollbacks.opened(world, 3)
    ada = Hand(world, "ada")
    slow = Slow(world)
    with slow:
        await ada.member.click(rollbacks.overview(card).message, "Abort and roll back")
        await ada.before_them()
        form = await rollbacks.form(world, "ada")
        await ada.member.submit(form, {})
        await gone(world, ada)
    await world.settle()
    third = card.reply("Roll back step 3", "limit 10")
    with slow:
        await ada.member.click(third.message, "Skip")
        await ada.before_them()
        form = await ada.labelled("Why leave it as it is?")
        await ada.member.submit(form, {"reason": "It is gone"})
        await gone(world, ada)
    await world.settle()
    assert "Left as it is" in third.words


@pytest.mark.parametrize("world", [carrying.book(carrying.FIRST)], indirect=True)
async def test_the_done_steps_are_carried_over(world: World) -> None:
    card = await carrying.opened(world)
    await carrying.publish(world)
    ada = Hand(world, "ada")
    with Slow(world):
        await ada.member.click(card.step(3).message, "Carry the done steps over")
        await ada.before_them()
        form = await carrying.form(world, "ada")
        await ada.member.submit(form, {})
        await gone(world, ada)
    await world.settle()
    card.reply("Ada Admin carried the runbook", "v2")
