"""A group of Alertmanager's tells of what goes wrong in several services, and goes on telling of what somebody has
resolved by hand: what an incident is about is what it opens for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.test_alerts import incidents
from tests.world import World, alert_body, world_on

GATEWAY = alert_body("Gateway slow", service="api-gateway", severity="info", fingerprint="f2")


def together(*bodies: dict[str, Any]) -> dict[str, Any]:
    """One group of all their alerts, which have nothing in common."""
    return {**bodies[0], "commonLabels": {}, "alerts": [alert for body in bodies for alert in body["alerts"]]}


async def about(world: World) -> list[tuple[str, ...]]:
    """What each incident is about, the first that opened first."""
    await world.settle()
    named = ("team", "service", "severity", "title", "status")
    return [tuple(incident[name] for name in named) for incident in await incidents(world)]


async def test_what_somebody_resolved_says_nothing_of_what_is_new(database_url: str) -> None:
    async with world_on(database_url) as world:
        redis = await world.alert()
        await world.post({"note": "mended"}, f"/api/v1/incidents/{redis['incident']['id']}/resolve/")
        over = ("SRE Core", "redis-prod", "SEV1_CRITICAL", "Redis Cluster Down", "RESOLVED")
        new = ("Platform", "api-gateway", "SEV3_MEDIUM", "Gateway slow", "TRIGGERED")
        for _ in range(2):
            await world.post(together(alert_body(), GATEWAY))
            assert await about(world) == [over, new]


async def test_what_is_over_says_nothing_of_what_is_new(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.post(together(alert_body(status="resolved"), GATEWAY))
        assert await about(world) == [("Platform", "api-gateway", "SEV3_MEDIUM", "Gateway slow", "TRIGGERED")]


async def test_a_rule_for_what_somebody_resolved_gives_its_team_nothing_new(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.load(["alert_rules: [{name: Redis, match: {service: redis*}, team: SRE Core, severity: SEV2}]"])
        redis = await world.alert()
        await world.post({"note": "mended"}, f"/api/v1/incidents/{redis['incident']['id']}/resolve/")
        await world.post(together(alert_body(), GATEWAY))
        assert (await about(world))[1][:3] == ("Platform", "api-gateway", "SEV3_MEDIUM")
        new = (await incidents(world))[1]
        timeline = (await world.get(f"/api/v1/incidents/{new['id']}/timeline/"))[1]["results"]
        assert "rule_applied" not in [entry["event"] for entry in timeline]


async def test_alerts_that_nobody_described_are_told_apart(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        each = [
            alert_body("TargetDown", description="", fingerprint=one, instance=f"{one}:9100")
            for one in ("db-1", "db-2")
        ]
        await world.post(together(*each))
        await world.settle()
        [one] = await incidents(world)
        assert one["description"] == "TargetDown (instance: db-1:9100)\nTargetDown (instance: db-2:9100)"
        assert "db-2:9100" in world.card().words


RULE = "alert_rules: [{name: Gateways, match: {service: api-gateway}, team: Platform}]"


@pytest.mark.parametrize("loaded", [[], [RULE]], ids=["by its service", "beside one that a rule gives a team"])
async def test_what_is_worst_in_a_group_pages_its_own_team(sqlite_url: str, loaded: list[str]) -> None:
    async with world_on(sqlite_url) as world:
        await world.load(loaded)
        await world.post(together(GATEWAY, alert_body()))
        assert await about(world) == [
            ("SRE Core", "redis-prod", "SEV1_CRITICAL", "Redis Cluster Down", "TRIGGERED"),
        ]


FLAPS = "alert_rules: [{name: Flaps, match: {alertname: 'Gateway *'}, hold: 5 minutes}]"


async def test_what_somebody_resolved_lets_go_of_nothing_that_a_rule_holds(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        await world.load([FLAPS])
        redis = await world.alert()
        await world.post({"note": "mended"}, f"/api/v1/incidents/{redis['incident']['id']}/resolve/")
        for _ in range(2):
            await world.post(together(alert_body(), GATEWAY))
            assert len(await about(world)) == 1
        await world.advance(minutes=5)
        assert (await about(world))[1][1:4] == ("api-gateway", "SEV3_MEDIUM", "Gateway slow")


async def test_what_ends_while_a_rule_holds_its_group_is_over(sqlite_url: str) -> None:
    """Prometheus is not reached for a while: what ends then fires again, with the start that it always had."""
    async with world_on(sqlite_url) as world:
        await world.load([FLAPS])
        redis = await world.alert()
        await world.post({"note": "mended"}, f"/api/v1/incidents/{redis['incident']['id']}/resolve/")
        await world.post(together(alert_body(), GATEWAY))
        gone = {**GATEWAY["alerts"][0], "status": "resolved", "endsAt": "2026-11-23T05:00:00Z"}
        await world.post(together(alert_body(status="resolved"), {"alerts": [gone]}))
        await world.advance(minutes=2)
        await world.post(alert_body())
        assert [one[1] for one in await about(world)] == ["redis-prod", "redis-prod"]


async def test_what_ends_and_fires_again_at_once_beside_what_a_rule_holds_waits_for_no_more_than_its_copies(
    sqlite_url: str,
) -> None:
    async with world_on(sqlite_url) as world:
        await world.load([FLAPS])
        redis = await world.alert()
        await world.post({"note": "mended"}, f"/api/v1/incidents/{redis['incident']['id']}/resolve/")
        for status in ("resolved", "firing"):
            await world.post(together(alert_body(status=status), GATEWAY))
        assert len(await about(world)) == 1
        await world.advance(seconds=90)
        assert [one[1] for one in await about(world)] == ["redis-prod", "redis-prod"]


REDIS_FLAPS = """
alert_rules:
  - {name: Redis flaps, match: {alertname: 'Redis *'}, hold: 50 minutes, team: SRE Core}
  - {name: Gateways flap, match: {alertname: 'Gateway *'}, hold: 5 minutes}
"""


@pytest.mark.parametrize("is_told_alone", [True, False])
async def test_what_ended_while_a_rule_held_its_group_says_nothing_of_the_rest(
    sqlite_url: str, is_told_alone: bool
) -> None:
    over = alert_body(status="resolved")
    async with world_on(sqlite_url) as world:
        await world.load([REDIS_FLAPS])
        await world.post(alert_body())
        await world.post(together(alert_body(), GATEWAY))
        await world.post(over if is_told_alone else together(over, GATEWAY))
        await world.advance(minutes=5)
        assert await about(world) == [("Platform", "api-gateway", "SEV3_MEDIUM", "Gateway slow", "TRIGGERED")]


async def test_what_joins_a_group_that_a_rule_holds_waits_no_longer_than_its_own_rule_says(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.load([REDIS_FLAPS])
        await world.post(alert_body())
        await world.advance(minutes=10)
        await world.post(together(alert_body(), GATEWAY))
        await world.advance(minutes=4)
        assert await about(world) == []
        await world.advance(minutes=2)
        assert [one[1:4] for one in await about(world)] == [("redis-prod", "SEV1_CRITICAL", "Redis Cluster Down")]


@pytest.mark.parametrize("joining", [{}, {"name": "Slow"}], ids=["and waits too", "and may not wait"])
async def test_what_a_rule_holds_keeps_its_service_and_its_rule_as_a_part_of_its_group_joins_it(
    sqlite_url: str, joining: dict[str, str]
) -> None:
    """The source leaves the rest out, by its `max_alerts`."""
    said = {"name": "Gateway slow", "service": "api-gateway", "severity": "info", "fingerprint": "f2", **joining}
    async with world_on(sqlite_url) as world:
        await world.load([REDIS_FLAPS.replace("SRE Core", "Platform")])
        await world.post(alert_body())
        await world.post({**alert_body(**said), "truncatedAlerts": 1})
        await world.advance(minutes=6)
        expected = ("Platform", "redis-prod", "SEV1_CRITICAL", "Redis Cluster Down", "TRIGGERED")
        assert await about(world) == [expected]
        (opened,) = await incidents(world)
        timeline = (await world.get(f"/api/v1/incidents/{opened['id']}/timeline/"))[1]["results"]
        assert "Redis flaps" in [entry["details"].get("rule") for entry in timeline]


async def test_a_part_of_a_group_lets_go_of_what_another_group_has_told_of_since(database_url: str) -> None:
    """The source leaves out what waits, or was started anew and does not know of it yet."""
    gateway = {"name": "Gateway slow", "service": "api-gateway", "severity": "info", "fingerprint": "f2"}
    async with world_on(database_url) as world:
        await world.load([FLAPS])
        await world.post(alert_body(**gateway))
        await world.post(together(alert_body("Site down", group="g2"), alert_body(**gateway)))
        status, answer = await world.post(alert_body("Redis slow", fingerprint="f3"))
        assert (status, answer["opened"]) == (202, False)
        assert [one[3] for one in await about(world)] == ["Site down"]
        assert "3 of 3 still firing" in world.card().words
