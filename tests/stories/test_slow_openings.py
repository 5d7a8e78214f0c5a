"""Slack takes its time to open somebody's direct channel: whoever takes the incident meanwhile has nobody paged."""

from __future__ import annotations

import asyncio

from tests.world import alert_body, read, world_on

POLICY = """
Policy: Direct
Team: SRE Core
Default: true
Steps:
  1: {delay: 0 minutes, type: SLACK, target: USER (john)}
"""
OPENS = "conversations.open"


async def test_no_page_leaves_after_it(sqlite_url: str) -> None:
    catalog = [read("organisation.yaml"), POLICY]
    async with world_on(sqlite_url, catalog=catalog) as world:
        slack = world.outside.slack
        slack.faults.delay(OPENS, 1.5)
        status, said = await world.post(alert_body())
        assert status == 202
        async with asyncio.timeout(20):
            while OPENS not in slack.faults.delayed:
                await asyncio.sleep(0.01)
        name = said["incident"]["short_id"]
        assert (await world.post({}, f"/api/v1/incidents/{name}/acknowledge/"))[0] == 200
        slack.faults.delay(OPENS, 0)
        await world.settle()
        assert not slack.member("john").direct_messages
        _, pages = await world.get(f"/api/v1/incidents/{name}/notifications/")
        assert [page["stage"] for page in pages["results"]] == ["cancelled"]
