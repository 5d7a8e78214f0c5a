"""Steps with long texts: what is run stands in the thread whole, whatever else is cut, or is said not to be."""

from __future__ import annotations

import pytest

from tests.stories.test_rollbacks import form
from tests.world import Shown, World, read

BOOK = """
Title: Long
Service: redis-prod
Steps:
  - title: Restart it
    description: "{reads}"
    command: "{command} END-OF-COMMAND"
    checklist: [{checklist}]
    rollback: "{rollback} END-OF-ROLLBACK"
    critical: true
  - {{title: Check it, command: check}}
"""
ENDS = ("END-OF-COMMAND", "END-OF-ROLLBACK")


def book(size: int) -> str:
    checklist = ", ".join(f"{'k' * 130} {number}" for number in range(20))
    return BOOK.format(reads="r" * 2990, command="c" * size, rollback="b" * size, checklist=checklist)


async def opened(world: World, size: int, **labels: str) -> Shown:
    await world.load([read("organisation.yaml"), book(size)])
    await world.alert(severity="info", **labels)
    return world.card()


@pytest.mark.parametrize("size", [500, 2600, 2980])
async def test_what_is_run_is_whole(world: World, size: int) -> None:
    card = await opened(world, size)
    step = card.step(1)
    assert all(end in step.words for end in ENDS) and "✂" not in step.words
    await step.click("Problem", as_="john")
    await world.submit("john", "A problem", {"words": "w" * 1000})
    assert all(end in step.words for end in ENDS) and "✂" not in step.words
    await step.click("Done", as_="john", confirm=True)
    assert "END-OF-ROLLBACK" in step.words
    await card.reply("version 1, pinned").click("Abort and roll back", as_="john")
    assert (await world.outside.slack.member("john").submit(await form(world, "john"), {})).closed
    await world.settle()
    rollback = card.reply("Roll back step 1")
    assert "END-OF-ROLLBACK" in rollback.words and "✂" not in rollback.words
    world.expect_what_was_said()


async def test_what_is_not_whole_says_so(world: World) -> None:
    """A label of the alert is as long as it likes."""
    long = book(10).replace("END-OF-COMMAND", "{{label.host}} END-OF-COMMAND").replace("{{", "{").replace("}}", "}")
    await world.load([read("organisation.yaml"), long])
    await world.alert(severity="info", host="h" * 5000)
    step = world.card().step(1)
    assert "END-OF-COMMAND" in step.words or "do not run it from here" in step.words
    world.expect_what_was_said()
