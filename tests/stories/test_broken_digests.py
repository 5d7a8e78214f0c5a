"""A storm in a channel that takes no message, or while Slack is away: what its digest was to say is somebody's page."""

from __future__ import annotations

from tests.stories.test_storms import ORGANISATION, storm
from tests.world import world_on

POLICY = """
Policy: Channel first
Default: true
Steps:
  1: {delay: 0 minutes, type: SLACK, target: "CHANNEL (#sre-incidents)", message: "look at {incident.short_id}"}
"""
JOHN = "+33600000002"


async def test_while_slack_is_away_whoever_is_on_call_hears_of_all_of_a_storm(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, POLICY]) as world:
        await world.slack_goes()
        ids = await storm(world, 40)
        for _ in range(20):
            await world.advance(seconds=31)
        _, found = await world.get("/api/v1/incidents/?page_size=100")
        lost = []
        for one in found["results"]:
            _, pages = await world.get(f"/api/v1/incidents/{one['id']}/notifications/")
            if not any(page["stage"] in ("accepted", "delivered") for page in pages["results"]):
                lost.append((one["short_id"], [(p["channel"], p["stage"]) for p in pages["results"]]))
        assert not lost, (len(lost), lost[:3], ids[:2])
