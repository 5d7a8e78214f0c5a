"""What a runbook's runs say of it: in its view, by command, and in what good practice finds."""

from __future__ import annotations

from tests.world import World, read, world_on

BOOK = """
Title: Restart Redis
Service: redis-prod
Steps:
  - {title: Look at the graphs, duration: 5, description: on the host of the dashboard}
  - {title: Restart the node, command: systemctl restart redis, duration: 5, rollback: none}
  - {title: Verify that it answers, command: redis-cli -h redis-prod ping, duration: 5}
  - {title: Tell the customers, duration: 5}
---
Title: Dust
Service: api-gateway
Steps: [{title: Look, duration: 5}]
"""
TEAM = read("organisation.yaml")


async def run(world: World, number: int) -> None:
    """Look for twenty minutes, skip the restart, verify in five; nobody tells the customers."""
    await world.alert(f"Alert {number}", group=f"g{number}", fingerprint=f"f{number}")
    card = world.card(f"Alert {number}")
    await world.advance(minutes=20)
    await card.step(1).click("Done", as_="john")
    await card.step(2).click("Skip", as_="john")
    assert (await world.submit("john", "Skip the step", {"reason": "It runs"})).closed
    await world.advance(minutes=5)
    await card.step(3).click("Done", as_="john")
    (one,) = (await world.get("/api/v1/incidents/?status=TRIGGERED,ACKNOWLEDGED"))[1]["results"]
    await world.post({"resolution_note": "Fine"}, f"/api/v1/incidents/{one['short_id']}/resolve/")
    await world.settle()
    world.expect_what_was_said()


async def test_what_its_runs_say(database_url: str) -> None:
    async with world_on(database_url, catalog=[TEAM, BOOK]) as world:
        answer = await world.command("/runbook", "stats", as_="john")
        assert answer is not None and "None was used yet." in answer.words
        for number in range(3):
            await run(world, number)
        answer = await world.command("/runbook", "stats", as_="john")
        assert answer is not None
        assert "Restart Redis: 3 runs" in answer.words
        assert "Never used" in answer.words and "• Dust" in answer.words
        answer = await world.command("/runbook", "stats restart redis", as_="john")
        assert answer is not None
        assert "1. Look at the graphs: 20 min in the middle · declared 5 min" in answer.words
        assert "*Most skipped*: 2. Restart the node 3×" in answer.words
        assert "*Never carried out*: 2. Restart the node, 4. Tell the customers" in answer.words
        answer = await world.command("/runbook", "lint restart redis", as_="john")
        assert answer is not None
        assert "declared 5 min, took 20 min in the middle of 3 times" in answer.words
        home = await world.home("john")
        await home.click("Runbooks")
        book = world.outside.slack.member("john")
        await home.click("Open", value=_id(home.view.blocks))
        view = await world.outside.workspace.wait_for(
            lambda: book.view if book.view and "Evidence" in str(book.view.body["blocks"]) else None, what="the runbook"
        )
        await book.click(view, "Evidence")
        await world.settle()
        assert book.view is not None and "20 min in the middle" in str(book.view.body["blocks"])
        await book.click(book.view, "◀ Back")
        await world.settle()
        assert book.view is not None and "Export YAML" in str(book.view.body["blocks"])
        await book.close(everything=True)
        world.expect_what_was_said()


def _id(blocks: list[dict[str, object]]) -> str:
    """The id of the runbook in whose row its name stands."""
    row = next(block for block in blocks if "Restart Redis" in str(block))
    accessory = row["accessory"]
    assert isinstance(accessory, dict)
    return str(accessory["value"])
