"""Ends that never came: a source that was started anew tells the end of what it knows, with another start."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.stories.test_returning_alerts import statuses
from tests.world import world_on

EARLIER, BETWEEN, LATER = "2026-11-23T04:01:55Z", "2026-11-23T04:31:07Z", "2026-11-23T04:31:07.123456789Z"


@pytest.mark.parametrize(
    "said",
    [
        ((EARLIER, "firing"), (LATER, "firing"), (LATER, "resolved")),
        ((EARLIER, "firing"), (LATER, "resolved")),
        ((LATER, "firing"), (EARLIER, "firing"), (EARLIER, "resolved")),
        ((LATER, "firing"), (EARLIER, "resolved")),
        ((EARLIER, "firing"), (LATER, "firing"), (EARLIER, "resolved")),
    ],
    ids=[
        "what it was before its source began anew",
        "what its source never said to fire since",
        "a start set right to an earlier one",
        "a start that its source has set right since",
        "a start that its source did not know for a while",
    ],
)
async def test_an_end_ends_what_began_before_it_under_its_name(
    database_url: str, said: Sequence[tuple[str, str]]
) -> None:
    """Two Prometheus tell one Alertmanager of an alert, each with its start: it says the earliest that it knows."""
    async with world_on(database_url) as world:
        for started, status in said:
            await world.alert(started=started, status=status)
        assert await statuses(world) == ["RESOLVED"]


@pytest.mark.parametrize("before", [(), (EARLIER,)], ids=["of what nobody knows", "of what fired before"])
async def test_a_late_end_ends_nothing_that_began_after_it(database_url: str, before: Sequence[str]) -> None:
    async with world_on(database_url) as world:
        for started in (*before, LATER):
            await world.alert(started=started)
        for _ in range(2):
            await world.alert(started=EARLIER, status="resolved", ended=BETWEEN)
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
        await world.alert(started=LATER)
        await world.alert(started=EARLIER, status="resolved")
        await world.advance(minutes=10)
        assert await statuses(world) == []
        await world.alert(started=LATER)
        await world.alert(started=EARLIER, status="resolved", ended=BETWEEN)
        await world.advance(minutes=10)
        assert await statuses(world) == ["TRIGGERED"]
