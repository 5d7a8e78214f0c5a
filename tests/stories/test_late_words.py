"""What a provider says of a page while another is asked about one counts: it is not overwritten with what was known
before."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.demo.provider_faults import Fault
from tests.world import read, world_on

JOHN = "+33600000002"
POLICY = """
Policy: Calls
Team: SRE Core
Default: true
Steps:
  1: {delay: 0 minutes, type: PHONE, target: ON_CALL}
  2: {delay: 0 minutes, type: SMS, target: USER (team_lead)}
"""


async def test_a_call_that_is_answered_while_ovh_is_slow_to_tell_of_an_sms_goes_no_other_way(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml"), POLICY], rings=True) as world:
        await world.alert()
        call = world.phone(JOHN).expect_call()
        world.outside.ovh.outage = Fault(delay=1.0, status=503)
        world.clock.push(timedelta(minutes=2, seconds=1))
        world.app.worker.wake()
        while not world.app.use_cases.receipts.is_asking:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        await world.outside.voice.report(call, "answered")
        await world.settle()
        world.outside.ovh.outage = None
        _, found = await world.get("/api/v1/incidents/")
        _, pages = await world.get(f"/api/v1/incidents/{found['results'][0]['id']}/notifications/")
        johns = [(page["channel"], page["stage"]) for page in pages["results"] if page["name"] == "John Doe"]
        assert johns == [("PHONE", "delivered")]
        assert world.phone(JOHN).texts == []
