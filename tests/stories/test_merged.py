"""What becomes of an incident that another one was merged into: it is over when all of it is."""

from __future__ import annotations

from tests.stories.test_heartbeats import BACKUP, beat, silence
from tests.stories.test_lifecycle import catalog
from tests.world import alert_body, world_on


async def test_what_somebody_has_declared_is_not_over_with_the_alerts_of_its_duplicate(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog()) as world:
        said = {"title": "Nobody can pay", "severity": "SEV1_CRITICAL", "service": "redis-prod"}
        main = (await world.post(said, "/api/v1/incidents/"))[1]["short_id"]
        duplicate = (await world.alert())["incident"]["short_id"]
        await world.command("/incident", f"merge {main} {duplicate}", as_="ada")
        await world.post(alert_body(status="resolved"))
        await world.advance(minutes=6)
        world.card("Nobody can pay", "Nobody has it yet").reply("All alerts have ended")
        assert [sms.to for sms in world.outside.ovh.inbox.messages] == ["+33600000002"], "it still pages"


async def test_a_source_that_is_heard_ends_nothing_while_the_alerts_of_a_duplicate_fire(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(more=f"---\n{BACKUP}")) as world:
        await beat(world)
        await silence(world, 6)
        [main] = await silence(world, 2)
        duplicate = (await world.alert())["incident"]["short_id"]
        await world.command("/incident", f"merge {main['short_id']} {duplicate}", as_="ada")
        await beat(world)
        card = world.card("No sign of life from backup-nightly", "Nobody has it yet")
        card.reply("An alert has ended", "backup-nightly")
        await world.post(alert_body(status="resolved"))
        await world.settle()
        card.reply("All alerts have ended")
