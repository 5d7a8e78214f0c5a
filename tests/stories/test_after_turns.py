"""Who is paged, who no longer, and who may say what after an incident's life took one turn and then another."""

from __future__ import annotations

from tests.stories.test_lifecycle import JOHN, catalog, rung
from tests.world import read, world_on

TWO = """
Policy: Core
Team: SRE Core
Default: true
Steps:
  1: {delay: 0, type: SMS, target: ON_CALL, message: "Whoever is on call"}
  2: {delay: 5, type: SMS, target: USER (ada), message: "Ada"}
"""


async def test_when_everybody_cannot_take_it_the_policy_begins_again(database_url: str) -> None:
    """Better those who can't than nobody: Ada, who had it, is the lead, so that no lead is left either."""
    organisation = read("organisation.yaml").replace("lead: lea", "lead: ada")
    async with world_on(database_url, catalog=[organisation, TWO]) as world:
        await world.alert()
        card = world.card()
        await world.command("/incident", "decline", as_="john")
        assert rung(world) == ["john", "ada"]
        await card.click("Acknowledge", as_="ada")
        await world.advance(minutes=60)
        await world.command("/incident", "decline", as_="ada")
        card.reply("no lead can be paged")
        assert rung(world) == ["john", "ada"]
        await world.advance(minutes=5)
        assert rung(world) == ["john", "ada", "john"]
        await world.advance(minutes=5)
        assert rung(world) == ["john", "ada", "john", "ada"]
