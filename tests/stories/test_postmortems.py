"""What was learned: due when a step of the policy says so, written in Slack, kept in versions, read as a file."""

from __future__ import annotations

from tests.stories.modals import Modal
from tests.world import World, read, world_on

MARKED = "delay: 5 minutes"


def marked() -> list[str]:
    """The guide's catalog, whose second step of the SEV1 policy asks for a post-mortem."""
    guide = read("guide.yaml")
    assert guide.count(MARKED) >= 1
    return [read("organisation.yaml"), guide.replace(MARKED, f"{MARKED}\n    requires_postmortem: true", 1)]


async def over(world: World, *, after: int) -> str:
    """The Redis SEV1, taken after so many minutes and mended twenty-two later; its name."""
    short_id = str((await world.alert())["incident"]["short_id"])
    await world.advance(minutes=after)
    await world.command("/incident", f"ack {short_id}", as_="john")
    await world.advance(minutes=22)
    await world.card().click("Resolve", as_="john")
    outcome = await world.submit("john", "Resolve", {"note": "Failover to the replicas", "root_cause": "OOM"})
    assert outcome.closed
    return short_id


async def test_a_step_that_asks_for_one_makes_it_due(database_url: str) -> None:
    async with world_on(database_url, catalog=marked()) as world:
        short_id = await over(world, after=8)
        world.card().reply("A post-mortem is due")
        lea = await world.home("lea")
        assert f"Post-mortem attendu\u00a0: {short_id}" in lea.words
        john = await world.home("john")
        await john.click("postmortem.open.v1")
        form = Modal(world, "john")
        assert "Nobody has written it yet" in form.words
        outcome = await form.submit({"Who felt it, and how long": "Everybody who bought something, 30 min"})
        assert outcome.outcome == "updated"
        assert "The draft" in form.words
        await form.member.close()
        status, found = await world.get(f"/api/v1/incidents/{short_id}/postmortem/")
        assert status == 200
        assert (found["status"], found["version"], found["root_cause"]) == ("DRAFT", 1, "OOM")
        assert found["impact"].startswith("Everybody")
        assert round(found["kpis"]["mttr_seconds"] / 60) == 30
        world.expect_what_was_said()


async def test_published_it_is_said_and_no_longer_due(database_url: str) -> None:
    async with world_on(database_url, catalog=marked()) as world:
        short_id = await over(world, after=8)
        await world.command("/incident", f"postmortem {short_id}", as_="ada")
        form = Modal(world, "ada")
        await form.submit({"Ready?": ["published"]})
        assert "is published as v1" in form.words
        world.card().reply("Ada Admin published the post-mortem")
        await form.click("📄 All of it as a file")
        assert "direct messages" in form.words
        (file,) = world.outside.workspace.files.values()
        assert file["name"] == f"{short_id}-post-mortem.md"
        async with world.http.get(
            f"/api/v1/incidents/{short_id}/postmortem/?format=markdown",
            headers={"Authorization": f"Token {world.token}"},
        ) as answer:
            text = await answer.text()
        assert text.startswith(f"# {short_id}: Redis Cluster Down\n")
        assert "- MTTR: 30 min" in text
        assert "- Acknowledged: " in text and "(John Doe)" in text
        assert "SMS · John Doe · sent" in text
        assert "<@" not in text
        assert "📝 Post-mortem due" not in (await world.home("john")).words
        world.expect_what_was_said()


async def test_two_who_write_at_once_lose_nothing(world: World) -> None:
    short_id = await over(world, after=2)
    await world.command("/incident", f"postmortem {short_id}", as_="ada")
    await world.command("/incident", f"postmortem {short_id}", as_="john")
    ada, john = Modal(world, "ada"), Modal(world, "john")
    await ada.submit({"What went well": "The failover"})
    await john.submit({"What went well": "The people"})
    assert "Ada Admin changed this post-mortem meanwhile: it is v1 now" in john.words
    await john.click("Reload")
    assert "A draft, v1 by Ada Admin" in john.words
    await john.submit({"What to change, who does it, until when": "Alerts on memory. John, Friday"})
    found = (await world.get(f"/api/v1/incidents/{short_id}/postmortem/"))[1]
    assert (found["version"], found["went_well"], found["written_by"]) == (2, "The failover", "John Doe")
    world.expect_what_was_said()


async def test_what_can_t_be_is_said(world: World) -> None:
    short_id = str((await world.alert())["incident"]["short_id"])
    answer = await world.command("/incident", "postmortem", as_="john")
    assert answer is not None and "/incident postmortem INC-…" in answer.words
    await world.command("/incident", f"postmortem {short_id}", as_="john")
    assert "is still open: resolve it first" in Modal(world, "john").words
    status, problem = await world.get(f"/api/v1/incidents/{short_id}/postmortem/")
    assert status == 409
    assert "is still open" in problem["detail"]
    world.expect_what_was_said()


async def test_a_guest_reads_and_does_not_write(world: World) -> None:
    short_id = await over(world, after=2)
    status, _ = await world.get(f"/api/v1/incidents/{short_id}/postmortem/")
    assert status == 404
    world.outside.workspace.add_user("gaston", locale="fr-FR")
    await world.command("/incident", f"postmortem {short_id}", as_="gaston")
    form = Modal(world, "gaston")
    assert "Ce qui s'est passé" in form.words
    assert "submit" not in form.view.body
    world.expect_what_was_said()
