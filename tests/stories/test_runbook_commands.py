"""`/runbook attach` and `/runbook lint`: another runbook for an incident, and what good practice says."""

from __future__ import annotations

import pytest

from tests.world import Shown, World, read, world_on

OTHER = """
Title: Restart the cluster
Service: api-gateway
Steps:
  1: {title: Restart every node, command: systemctl restart redis, critical: true}
  2: {title: Verify that all answer, command: redis-cli -h redis-prod ping}
"""


async def opened(world: World) -> Shown:
    await world.alert()
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)
    return card


async def test_another_runbook_in_the_place_of_one_nobody_has_begun(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), read("guide.yaml"), OTHER]) as world:
        card = await opened(world)
        incident = card.words.split("*Incident*\n")[1].split("\n")[0]
        answer = await world.command("/runbook", f"attach {incident} Restart the cluster", as_="john")
        assert answer is not None and "Restart the cluster" in answer.words
        assert "Restart every node" in card.step(1).words
        assert "Restart the cluster" in card.words
        await card.step(1).click("Done", as_="john", confirm=True)
        assert "Verify that all answer" in card.step(2).words
        answer = await world.command("/runbook", f"attach {incident} Redis Cluster Recovery", as_="john")
        assert answer is not None and "is under way for this incident" in answer.words
        world.finish()


async def test_what_was_begun_about_the_one_before_settles_no_step_of_another(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), read("guide.yaml"), OTHER]) as world:
        card = await opened(world)
        incident = card.words.split("*Incident*\n")[1].split("\n")[0]
        await card.step(1).click("Skip", as_="john")
        on_a_phone = [dict(block) for block in card.step(1).message.blocks]
        await world.command("/runbook", f"attach {incident} Restart the cluster", as_="ada")
        outcome = await world.submit("john", "Skip the step", {"reason": "The state is known"})
        assert "Another runbook was put in the place of this one" in str(outcome.view)
        assert card.step(1).buttons[:2] == ["Done", "Skip"] and "The state is known" not in card.step(1).words
        shown = card.step(1).message.blocks
        shown[:], now = on_a_phone, list(shown)
        await card.step(1).click("Done", as_="john")
        shown[:] = now
        told = world.outside.slack.member("john").ephemerals[-1].words
        assert "Another runbook was put in the place of this one" in told
        assert card.step(1).buttons[:2] == ["Done", "Skip"]
        await card.step(1).click("Done", as_="john", confirm=True)
        assert "Verify that all answer" in card.step(2).words
        world.finish()


async def test_a_runbook_that_nobody_knows(world: World) -> None:
    card = await opened(world)
    incident = card.words.split("*Incident*\n")[1].split("\n")[0]
    answer = await world.command("/runbook", f"attach {incident} Redis Clutser Recovery", as_="john")
    assert answer is not None and "did you mean Redis Cluster Recovery?" in answer.words
    answer = await world.command("/runbook", "attach", as_="john")
    assert answer is not None and "/runbook attach INC-… name" in answer.words


@pytest.mark.parametrize("name", ["« {} »", "«\u00a0{}\u00a0»", "“{}”", '"{}"', "„{}“"])
async def test_a_name_in_the_quotes_of_any_keyboard(world: World, name: str) -> None:
    card = await opened(world)
    incident = card.words.split("*Incident*\n")[1].split("\n")[0]
    for verb in ("attach", "start"):
        answer = await world.command(
            "/runbook", f"{verb} {incident} {name.format('Redis Cluster Recovery')}", as_="john"
        )
        assert answer is not None and "did you mean" not in answer.words and "INC-…" not in answer.words


async def test_what_good_practice_says(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), read("guide.yaml"), OTHER]) as world:
        answer = await world.command("/runbook", "lint Restart the cluster", as_="john")
        assert answer is not None
        assert "What good practice says of Restart the cluster" in answer.words
        assert "rollback" in answer.words
        answer = await world.command("/runbook", "lint", as_="john")
        assert answer is not None
        assert "Restart the cluster" in answer.words
        world.outside.workspace.add_user("gaston", locale="fr-FR")
        answer = await world.command("/runbook", "lint", as_="gaston")
        assert answer is not None and "bonnes pratiques" in answer.text
        world.finish()


async def test_one_that_is_over_is_not_said_to_be_under_way(sqlite_url: str) -> None:
    async with world_on(
        sqlite_url, catalog=[read("organisation.yaml"), OTHER.replace("api-gateway", "redis-prod")]
    ) as world:
        await world.alert()
        card = world.card()
        incident = card.words.split("*Incident*\n")[1].split("\n")[0]
        await card.step(1).click("Problem", as_="john")
        assert (await world.submit("john", "A problem", {})).closed
        answer = await world.command("/runbook", f"attach {incident} Restart the cluster", as_="ada")
        assert answer is not None and "is under way for this incident" in answer.words
        await card.step(1).click("Done", as_="john", confirm=True)
        await card.step(2).click("Done", as_="john")
        for said in ("attach", "start"):
            answer = await world.command("/runbook", f"{said} {incident} Restart the cluster", as_="john")
            assert answer is not None and "was worked through for this incident" in answer.words
        world.expect_what_was_said()
