"""Ends that never came: a source that was started anew tells the end of what it knows, with another start."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.stories.test_returning_alerts import statuses
from tests.world import world_on

EARLIER, LATER = "2026-11-23T04:01:55Z", "2026-11-23T04:31:07.123456789Z"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (((EARLIER, "firing"), (LATER, "firing"), (LATER, "resolved")), "RESOLVED"),
        (((EARLIER, "firing"), (LATER, "resolved")), "RESOLVED"),
        (((LATER, "firing"), (EARLIER, "firing"), (EARLIER, "resolved")), "RESOLVED"),
        (((LATER, "firing"), (EARLIER, "resolved")), "TRIGGERED"),
        (((EARLIER, "firing"), (LATER, "firing"), (EARLIER, "resolved")), "TRIGGERED"),
    ],
    ids=[
        "what it was before its source began anew",
        "what its source never said to fire since",
        "a start set right to an earlier one",
        "a late end of an earlier one that nobody knows",
        "a late end of an earlier one",
    ],
)
async def test_an_end_ends_what_came_before_under_its_name_and_nothing_newer(
    database_url: str, said: Sequence[tuple[str, str]], left: str
) -> None:
    async with world_on(database_url) as world:
        for started, status in said:
            await world.alert(started=started, status=status)
        assert await statuses(world) == [left]


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
