"""Two people at the same action of a post-mortem: the later one overwrites nothing that they have not seen."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.test_postmortems import Paper, resolved, so_far
from tests.world import World


async def test_an_action_that_somebody_else_changed_meanwhile(world: World) -> None:
    short_id, _ = await resolved(world)
    ada, john = await Paper(world, "ada").open(short_id), Paper(world, "john")
    await ada.click("➕ Action")
    due_on = (world.clock.now() + timedelta(days=3)).date().isoformat()
    assert (await ada.submit({"text": "Disks", "owner": "U01ADA", "due_on": due_on})).closed
    await john.open(short_id)
    await ada.act("Disks", "Edit")
    await john.act("Disks", "Edit")
    assert (await john.submit({"text": "Bigger disks", "owner": "U02JOHN"})).closed
    await ada.submit({"text": "An alert for the disks"})
    assert "changed this meanwhile" in ada.words and "An alert for the disks" in ada.words
    _, found = await world.get(f"/api/v1/incidents/{short_id}/postmortem/")
    assert [(one["text"], one["owner"]) for one in found["actions"]] == [("Bigger disks", "john")]
    so_far(world)
