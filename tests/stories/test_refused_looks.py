"""Slack does not take what a message looks like, because it has changed a limit: its words and buttons arrive all the
same, for whoever is to be woken has no use for a refusal."""

from __future__ import annotations

import pytest

from bot.demo.faults import Planned
from tests.world import world_on

POST, EDIT = "chat.postMessage", "chat.update"


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long", "invalid_arguments"])
async def test_a_card_that_slack_does_not_take_says_less_and_can_be_acknowledged(sqlite_url: str, error: str) -> None:
    async with world_on(sqlite_url) as world:
        faults = world.outside.slack.faults
        faults.plan(POST, Planned(error=error))
        await world.alert()
        await world.settle()
        card = world.card("Redis Cluster Down")
        assert "Acknowledge" in card.buttons
        faults.plan(EDIT, Planned(error=error))
        await card.click("Acknowledge", as_="john")
        await world.settle()
        assert "John" in world.card("Redis Cluster Down").words


async def test_not_even_buttons_are_needed(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        world.outside.slack.faults.plan(POST, Planned(error="invalid_blocks"), times=2)
        await world.alert()
        await world.settle()
        assert world.card("Redis Cluster Down").buttons == []
