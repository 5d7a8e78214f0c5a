"""People: found in Slack by their address when the catalog does not say who they are there."""

from __future__ import annotations

import asyncio

from tests.world import World, read, world_on


async def test_somebody_without_a_slack_id_is_found_by_address(database_url: str) -> None:
    organisation = read("organisation.yaml").replace(", slack: U02JOHN", "").replace(", slack: U01ADA", "")
    async with world_on(database_url, catalog=[organisation, read("guide.yaml")]) as world:
        await _linked(world, "U01ADA")
        await world.alert()
        card = world.card()
        world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
        card.step(1)
        await world.advance(minutes=5)
        world.phone("+33600000002").expect_sms()
        assert "Acknowledge" in world.direct("john").buttons
        card.reply("step 2 of 5")
        await card.click("Acknowledge", as_="ada")
        card.reply("Ada Admin has it")
        assert "<@U01ADA>" in card.words
        await card.click("Resolve", as_="ada")
        await world.submit("ada", "Resolve", {"note": "Restarted"})
        card.reply("is resolved")
        world.finish()


async def _linked(world: World, user: str) -> None:
    async with asyncio.timeout(20):
        while (await world.app.use_cases.incidents.directory()).person_by_slack(user) is None:
            await asyncio.sleep(0.01)
