"""A group that is too long for its source to tell all of it (`max_alerts` of Alertmanager and Grafana): what is left
out may fire on when everything that was told is over."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.test_returning_alerts import statuses
from tests.world import World, alert_body, world_on

SOURCES = pytest.mark.parametrize("source", ["alertmanager", "grafana"])


async def tell(world: World, source: str, left_out: int, started: str = "2026-11-23T04:01:55Z", **said: str) -> None:
    """A group of the alerts that are named, each with its status, and `left_out` others."""
    alerts = [alert_body(fingerprint=one, status=status, started=started)["alerts"][0] for one, status in said.items()]
    body: dict[str, Any] = alert_body() | {"alerts": alerts, "truncatedAlerts": left_out}
    assert (await world.post(body, f"/api/v1/webhooks/{source}/"))[0] == 202
    await world.settle()


@SOURCES
async def test_an_incident_goes_on_while_alerts_are_left_out_of_its_group(database_url: str, source: str) -> None:
    async with world_on(database_url) as world:
        await tell(world, source, 1, one="firing", two="firing")
        await tell(world, source, 1, one="resolved", two="resolved")
        assert await statuses(world) == ["TRIGGERED"]
        await tell(world, source, 0, three="firing")
        assert await statuses(world) == ["TRIGGERED"]
        await tell(world, source, 0, three="resolved")
        assert await statuses(world) == ["RESOLVED"]


@SOURCES
async def test_the_end_of_what_was_left_out_is_the_end(database_url: str, source: str) -> None:
    async with world_on(database_url) as world:
        await tell(world, source, 1, one="firing", two="firing")
        await tell(world, source, 1, one="resolved", two="resolved")
        await tell(world, source, 0, three="resolved")
        assert await statuses(world) == ["RESOLVED"]


async def test_the_end_of_what_was_left_out_ends_nothing_that_fires(database_url: str) -> None:
    async with world_on(database_url) as world:
        await tell(world, "alertmanager", 1, one="firing", two="firing")
        await tell(world, "alertmanager", 0, one="resolved", three="resolved")
        assert await statuses(world) == ["TRIGGERED"]


async def test_what_a_rule_holds_back_waits_on(database_url: str) -> None:
    rule = "alert_rules: [{name: Flaps, match: {service: redis-prod}, hold: 5 minutes}]"
    async with world_on(database_url) as world:
        await world.load([rule])
        await tell(world, "alertmanager", 1, one="firing")
        await tell(world, "alertmanager", 1, one="resolved")
        await world.advance(minutes=10)
        assert await statuses(world) == ["TRIGGERED"]


@SOURCES
async def test_what_comes_up_as_others_end_was_there_when_it_was_called_mitigated(
    database_url: str, source: str
) -> None:
    """While hosts come back one by one, what is shown of those that are down changes."""
    async with world_on(database_url) as world:
        await tell(world, source, 2, one="firing", two="firing")
        await world.card().click("Acknowledge", as_="john")
        await world.card().click("Mitigated", as_="john")
        for minutes, shown in ((31, "three"), (31, "four")):
            await world.advance(minutes=minutes)
            await tell(world, source, 1, one="resolved", **{shown: "firing"})
        assert await statuses(world) == ["MITIGATED"]
        new = world.clock.to_wall(world.clock.now()).isoformat()
        await tell(world, source, 1, started=new, five="firing")
        assert await statuses(world) == ["TRIGGERED"]
