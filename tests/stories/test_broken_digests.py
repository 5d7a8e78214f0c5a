"""A storm in a channel that takes no message, or while Slack is away: what its digest was to say goes to whoever is on
call, as any page to that channel does."""

from __future__ import annotations

from typing import Any

import pytest

from domain.storms import limits_of
from tests.stories.test_storms import ORGANISATION, storm
from tests.world import World, world_on

JOHN = "john@example.com"
ON_MAIL_ALONE = ORGANISATION.replace(', phone: "+33600000002"', "")
"""Nobody is asked about mails, as OVH is about SMS, a few a minute."""
CHANNEL_ALONE = """
Policy: Channel alone
Default: true
Steps:
  1: {delay: 0 minutes, type: SLACK, target: "CHANNEL (#sre-incidents)", message: "look at {incident.short_id}"}
"""


@pytest.fixture
async def world(database_url: str) -> Any:
    catalog = [ON_MAIL_ALONE, CHANNEL_ALONE]
    async with world_on(database_url, catalog=catalog, page_limits=limits_of("off")) as running:
        yield running


async def unheard_of(world: World) -> list[str]:
    """The incidents that nobody was told of."""
    _, found = await world.get("/api/v1/incidents/?page_size=100")
    silent = []
    for one in found["results"]:
        _, pages = await world.get(f"/api/v1/incidents/{one['id']}/notifications/")
        if not any(page["stage"] in ("accepted", "delivered") for page in pages["results"]):
            silent.append(one["short_id"])
    return silent


async def test_while_slack_is_away_whoever_is_on_call_hears_of_all_of_a_storm(world: World) -> None:
    await world.slack_goes()
    await storm(world, 40)
    assert await unheard_of(world) == []
    assert len(world.mailbox(JOHN).mails) == 40
    await world.advance(minutes=4)
    await storm(world, 30, start=40)
    assert await unheard_of(world) == []
    await world.slack_returns()
    await world.advance(minutes=2)
    assert len(world.mailbox(JOHN).mails) == 70


async def test_in_a_channel_that_is_archived_whoever_is_on_call_hears_of_all_of_a_storm(world: World) -> None:
    world.refusals.add("is_archived")
    for channel in world.outside.workspace.channels.values():
        channel.archived = channel.archived or channel.name == "sre-incidents"
    await storm(world, 30)
    assert await unheard_of(world) == []
    await storm(world, 10, start=30)
    assert await unheard_of(world) == []


async def test_a_digest_that_may_not_be_edited_is_posted_again_for_what_joins_it(world: World) -> None:
    world.refusals.add("edit_window_closed")
    world.outside.slack.fail_next("chat.update", "edit_window_closed", times=500)
    await storm(world, 30)
    await world.advance(seconds=10)
    await storm(world, 10, start=30)
    await world.advance(seconds=10)
    assert await unheard_of(world) == []
    assert not world.mailbox(JOHN).mails
    told = [one.words for one in world.outside.workspace.messages_in("sre-incidents") if "Storm: " in one.words]
    assert "Storm: 16 more incidents" in told[-1]
