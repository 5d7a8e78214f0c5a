"""Two tools of one kind, each with a token of its own: what they call by one name is not one thing, unless they are
twins that tell of the same alerts."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.alerts.parsers import generic
from tests.stories.test_alerts import incidents
from tests.world import TESTER, World, alert_body, world_on

RULES = """
alert_rules:
  - {name: The shop's, match: {token: shop}, service: redis-prod}
  - {name: The bank's, match: {token: bank}, service: api-gateway}
"""
KUMA = {"heartbeat": {"status": 0}, "monitor": {"id": 1, "name": "Website"}, "msg": "down"}
OLD_RULE = {"ruleId": 1, "orgId": 1, "ruleName": "Latency", "state": "alerting"}
ISSUE = {"action": "triggered", "data": {"event": {"issue_id": "7", "title": "TypeError"}}}
SHOP, BANK = ("redis-prod", "TRIGGERED"), ("api-gateway", "TRIGGERED")


async def two(world: World) -> tuple[str, str]:
    """The tokens of two tools, and whose service each is about."""
    await world.load([RULES])
    made = [await world.app.use_cases.tokens.create(name, ["ingest"], TESTER) for name in ("shop", "bank")]
    return made[0], made[1]


async def stands(world: World) -> list[tuple[str, str]]:
    """Whose each incident is, and whether it goes on."""
    await world.settle()
    return [(incident["service"], incident["status"]) for incident in await incidents(world)]


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("generic", KUMA),
        ("generic", {"title": "The backup failed"}),
        ("grafana", OLD_RULE),
        ("sentry", ISSUE),
    ],
    ids=["a number that each counts from 1", "a title", "a rule's number", "an issue's number"],
)
async def test_each_opens_what_is_its_own(database_url: str, source: str, body: dict[str, Any]) -> None:
    async with world_on(database_url) as world:
        for token in await two(world):
            assert (await world.post(body, f"/api/v1/webhooks/{source}/", token))[1]["opened"]
        assert await stands(world) == [SHOP, BANK]


async def test_what_is_over_for_one_is_not_for_the_other(database_url: str) -> None:
    async with world_on(database_url) as world:
        shop, bank = await two(world)
        for token in (shop, bank, shop):
            await world.post(KUMA, "/api/v1/webhooks/generic/", token)
        await world.post(KUMA | {"heartbeat": {"status": 1}}, "/api/v1/webhooks/generic/", bank)
        assert await stands(world) == [SHOP, ("api-gateway", "RESOLVED")]


async def test_groups_of_two_alertmanagers_are_two(database_url: str) -> None:
    async with world_on(database_url) as world:
        for fingerprint, token in zip(("shop's", "bank's"), await two(world), strict=True):
            await world.post(alert_body(service="", fingerprint=fingerprint), token=token)
        assert await stands(world) == [SHOP, BANK]


async def test_twins_with_two_tokens_tell_of_one_group(database_url: str) -> None:
    async with world_on(database_url) as world:
        shop, bank = await two(world)
        for token in (shop, bank):
            await world.post(alert_body(service=""), token=token)
        both = alert_body(service="")
        both["alerts"] += alert_body(service="", fingerprint="f2")["alerts"]
        for token in (bank, shop):
            await world.post(both, token=token)
        assert await stands(world) == [SHOP]
        ended = {**both, "alerts": [one | {"status": "resolved"} for one in both["alerts"]]}
        await world.post(ended, token=bank)
        assert await stands(world) == [("redis-prod", "RESOLVED")]


async def test_what_ends_for_one_alertmanager_fires_on_for_the_other(database_url: str) -> None:
    async with world_on(database_url) as world:
        shop, bank = await two(world)
        later = alert_body(service="", started="2026-11-23T04:05:00Z")
        await world.post(alert_body(service=""), token=shop)
        await world.post(later, token=bank)
        later["alerts"][0]["status"] = "resolved"
        await world.post(later, token=bank)
        assert await stands(world) == [SHOP, ("api-gateway", "RESOLVED")]
        await world.post(alert_body(service="", status="resolved"), token=shop)
        assert await stands(world) == [("redis-prod", "RESOLVED"), ("api-gateway", "RESOLVED")]


async def test_a_token_made_anew_under_its_name_goes_on_with_what_fires(database_url: str) -> None:
    async with world_on(database_url) as world:
        shop, _ = await two(world)
        await world.post(KUMA, "/api/v1/webhooks/generic/", shop)
        await world.app.use_cases.tokens.revoke("shop", TESTER)
        new = await world.app.use_cases.tokens.create("shop", ["ingest"], TESTER)
        await world.post(KUMA | {"heartbeat": {"status": 1}}, "/api/v1/webhooks/generic/", new)
        assert await stands(world) == [("redis-prod", "RESOLVED")]


async def test_what_an_earlier_vigie_opened_goes_on_until_it_is_over(database_url: str) -> None:
    async with world_on(database_url) as world:
        shop, _ = await two(world)
        await world.app.use_cases.alerts.receive(generic.parse({}, KUMA))
        assert not (await world.post(KUMA, "/api/v1/webhooks/generic/", shop))[1]["opened"]
        await world.post(KUMA | {"heartbeat": {"status": 1}}, "/api/v1/webhooks/generic/", shop)
        assert [incident["status"] for incident in await incidents(world)] == ["RESOLVED"]
        assert (await world.post(KUMA, "/api/v1/webhooks/generic/", shop))[1]["opened"]
        world.expect_what_was_said()


async def test_what_an_earlier_vigie_held_back_ends_in_time(database_url: str) -> None:
    hold = "alert_rules: [{name: Flaps, match: {source: generic}, hold: 5 minutes}]"
    async with world_on(database_url) as world:
        shop, _ = await two(world)
        await world.load([hold])
        await world.app.use_cases.alerts.receive(generic.parse({}, KUMA))
        await world.post(KUMA | {"heartbeat": {"status": 1}}, "/api/v1/webhooks/generic/", shop)
        await world.advance(minutes=10)
        assert await stands(world) == []


async def test_a_group_called_at_length_in_any_writing_is_taken(database_url: str) -> None:
    async with world_on(database_url) as world:
        name = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(2000))
        for status in ("firing", "firing", "resolved"):
            await world.alert(group=name, status=status)
        assert await stands(world) == [("redis-prod", "RESOLVED")]


async def test_a_key_that_begins_with_the_name_of_another_token_is_not_that_ones(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        shop, bank = await two(world)
        event = {"event_action": "trigger", "payload": {"summary": "Down", "source": "x", "severity": "critical"}}
        for token, key in ((bank, "redis"), (shop, "bank:redis")):
            assert (await world.post(event | {"dedup_key": key, "routing_key": token}, "/v2/enqueue", token))[0] == 202
        assert len(await stands(world)) == 2


@pytest.mark.parametrize(
    ("first", "its", "second", "theirs"),
    [
        ("shop", {"title": "Disk", "key": "eu:disk"}, "shop:eu", {"title": "Disk", "key": "disk"}),
        ("uptime-kuma", {"title": "Disk", "key": "1"}, "kiosk", KUMA),
    ],
    ids=["a name with a colon", "a name that another tool's keys begin with"],
)
async def test_no_name_of_a_token_makes_one_of_what_two_tell(
    sqlite_url: str, first: str, its: dict[str, Any], second: str, theirs: dict[str, Any]
) -> None:
    async with world_on(sqlite_url) as world:
        for name, body in ((first, its), (second, theirs)):
            token = await world.app.use_cases.tokens.create(name, ["ingest"], TESTER)
            assert (await world.post(body, "/api/v1/webhooks/generic/", token))[1]["opened"]
        await world.post(theirs | {"heartbeat": {"status": 1}, "status": "ok"}, "/api/v1/webhooks/generic/", token)
        await world.settle()
        assert [incident["status"] for incident in await incidents(world)] == ["TRIGGERED", "RESOLVED"]
