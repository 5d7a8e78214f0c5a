"""The published file: once in the thread, whatever Slack does meanwhile."""

from __future__ import annotations

import pytest

from domain.people import Actor, Role
from domain.postmortems import Section
from tests.stories.test_postmortems import files, resolved, so_far
from tests.world import Shown, World

ADA = Actor(key="person:ada", name="Ada Admin", role=Role.ADMIN, slack="U01ADA")


async def published(world: World) -> Shown:
    short_id, card = await resolved(world, minutes=1)
    service = world.app.use_cases.postmortems
    await service.ask(short_id, ADA)
    await service.save(short_id, ADA, 0, dict.fromkeys(Section, "") | {Section.LESSONS: "Watch the disks"})
    await service.publish(short_id, ADA)
    await world.settle()
    return card


async def test_an_answer_that_is_lost_is_no_second_file(world: World) -> None:
    world.outside.slack.lose_answer_next("files.completeUploadExternal")
    card = await published(world)
    await world.advance(minutes=2)
    assert len(files(card)) == 1
    so_far(world)


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_slack_says_no_once(world: World, method: str) -> None:
    world.outside.slack.fail_next(method, "internal_error")
    world.refusals.add("internal_error")
    card = await published(world)
    await world.advance(minutes=2)
    assert len(files(card)) == 1
    so_far(world)


async def test_the_scope_is_missing(world: World) -> None:
    """It is published all the same: it is there by the button and the API, and the thread says why not there."""
    world.outside.slack.fail_next("files.getUploadURLExternal", "missing_scope", 9)
    world.refusals.add("missing_scope")
    card = await published(world)
    await world.advance(minutes=9)
    assert files(card) == []
    told = card.reply("published by Ada Admin")
    assert "missing_scope" in told.words and "files:write" in told.words
    short_id = (await world.get("/api/v1/incidents/"))[1]["results"][0]["short_id"]
    assert (await world.get(f"/api/v1/incidents/{short_id}/postmortem/"))[1]["state"] == "published"
    so_far(world)


async def test_every_version_is_a_file_of_its_own(world: World) -> None:
    card = await published(world)
    short_id = (await world.get("/api/v1/incidents/"))[1]["results"][0]["short_id"]
    texts = dict.fromkeys(Section, "") | {Section.LESSONS: "Buy disks"}
    await world.app.use_cases.postmortems.save(short_id, ADA, 1, texts)
    record = await world.app.use_cases.postmortems.publish(short_id, ADA)
    await world.settle()
    assert record.postmortem is not None and record.postmortem.published_version == 2
    assert len(files(card)) == 2
    so_far(world)
