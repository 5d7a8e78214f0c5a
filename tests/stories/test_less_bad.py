"""Somebody looks, and finds an incident less bad than its alert says. The alert goes on saying it: nobody is woken by
that. What is worse than they knew, and what is new, they hear of."""

from __future__ import annotations

import asyncio
from typing import Any

from domain.alerts import sent_by
from handlers.alerts.parsers import generic
from tests.stories.test_alerts import incidents
from tests.world import World, world_on


async def grade(world: World, severity: str) -> None:
    [one] = await incidents(world)
    status, _ = await world.post({"severity": severity}, f"/api/v1/incidents/{one['id']}/severity/")
    assert status == 200
    await world.settle()


async def severity_after(world: World, severity: str, fingerprint: str = "f1", **said: Any) -> str:
    await world.alert(severity=severity, fingerprint=fingerprint, **said)
    [one] = await incidents(world)
    return str(one["severity"])


async def test_an_alert_that_still_fires_undoes_nobodys_judgement(database_url: str) -> None:
    async with world_on(database_url) as world:
        assert await severity_after(world, "critical") == "SEV1_CRITICAL"
        await grade(world, "SEV2")
        await grade(world, "SEV4")
        assert await severity_after(world, "critical") == "SEV4_LOW"
        await world.advance(minutes=4)
        assert await severity_after(world, "critical") == "SEV4_LOW"


async def test_what_joins_is_new_and_counts(database_url: str) -> None:
    async with world_on(database_url) as world:
        await severity_after(world, "critical")
        await grade(world, "SEV4")
        assert await severity_after(world, "info", "f2") == "SEV3_MEDIUM"
        assert await severity_after(world, "critical") == "SEV3_MEDIUM"
        assert await severity_after(world, "critical", "f3") == "SEV1_CRITICAL"


async def test_what_is_worse_than_they_knew_counts(database_url: str) -> None:
    async with world_on(database_url) as world:
        said: dict[str, Any] = {"title": "Disk", "key": "disk", "service": "redis-prod"}

        async def severity_says(severity: str) -> str:
            await world.post(said | {"severity": severity}, "/api/v1/webhooks/generic/")
            await world.settle()
            return str((await incidents(world))[0]["severity"])

        assert await severity_says("high") == "SEV2_HIGH"
        await grade(world, "SEV4")
        assert await severity_says("high") == "SEV4_LOW"
        assert await severity_says("critical") == "SEV1_CRITICAL"
        await grade(world, "SEV3")
        assert await severity_says("critical") == "SEV3_MEDIUM"
        await grade(world, "SEV1")
        await grade(world, "SEV2")
        assert await severity_says("high") == "SEV2_HIGH"


async def test_of_what_is_said_while_the_database_is_slow_the_worst_counts(database_url: str) -> None:
    """All of it waits for one transaction then."""
    async with world_on(database_url) as world:
        said = {"title": "Disk", "key": "disk", "service": "redis-prod"}
        bodies = [said | {"severity": severity} for severity in ("info", "critical", "high")]
        groups = [sent_by(generic.parse({}, body), "story") for body in bodies]
        await asyncio.gather(*(world.app.use_cases.alerts.receive(group) for group in groups))
        [one] = await incidents(world)
        assert one["severity"] == "SEV1_CRITICAL"
