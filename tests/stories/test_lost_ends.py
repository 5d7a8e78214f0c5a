"""Ends that never came: a source that was started anew tells the end of what it knows, with another start."""

from __future__ import annotations

from tests.stories.test_returning_alerts import statuses
from tests.world import world_on

EARLIER, LATER = "2026-11-23T04:01:55Z", "2026-11-23T04:31:07.123456789Z"


async def test_the_end_of_an_alert_ends_what_it_was_before_its_source_began_anew(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert(started=EARLIER)
        await world.alert(started=LATER)
        await world.alert(started=LATER, status="resolved")
        assert await statuses(world) == ["RESOLVED"]


async def test_also_when_it_was_not_said_to_fire_since(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert(started=EARLIER)
        await world.alert(started=LATER, status="resolved")
        assert await statuses(world) == ["RESOLVED"]


async def test_also_when_the_start_was_set_right_to_an_earlier_one(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert(started=LATER)
        await world.alert(started=EARLIER)
        await world.alert(started=EARLIER, status="resolved")
        assert await statuses(world) == ["RESOLVED"]


async def test_a_late_end_of_an_earlier_one_ends_nothing_that_began_since(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert(started=LATER)
        await world.alert(started=EARLIER, status="resolved")
        assert await statuses(world) == ["TRIGGERED"]


async def test_nor_when_it_was_known(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert(started=EARLIER)
        await world.alert(started=LATER)
        await world.alert(started=EARLIER, status="resolved")
        assert await statuses(world) == ["TRIGGERED"]


async def test_the_end_of_another_alert_of_the_group_ends_nothing_else(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert(started=EARLIER, fingerprint="one")
        await world.alert(started=LATER, fingerprint="two")
        await world.alert(started=LATER, fingerprint="two", status="resolved")
        assert await statuses(world) == ["TRIGGERED"]


async def test_what_a_rule_holds_back_is_over_too(database_url: str) -> None:
    rule = "alert_rules: [{name: Flaps, match: {service: redis-prod}, hold: 5 minutes}]"
    async with world_on(database_url) as world:
        await world.load([rule])
        await world.alert(started=EARLIER)
        await world.alert(started=LATER, status="resolved")
        await world.advance(minutes=10)
        assert await statuses(world) == []
        await world.alert(started=LATER, group="g2")
        await world.alert(started=EARLIER, group="g2", status="resolved")
        await world.advance(minutes=10)
        assert await statuses(world) == ["TRIGGERED"]
