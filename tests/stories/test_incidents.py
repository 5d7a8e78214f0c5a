"""Incidents by the API: lists, details, acknowledge, resolve, receipts; the same rules as the buttons."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.world import TESTER, World, world_on


async def opened(world: World, **said: Any) -> str:
    return str((await world.alert(**said))["incident"]["short_id"])


async def test_acknowledge_and_resolve(database_url: str) -> None:
    async with world_on(database_url) as world:
        name = await opened(world)
        await world.advance(minutes=8)
        status, shown = await world.post({}, f"/api/v1/incidents/{name}/acknowledge/")
        assert (status, shown["status"], shown["acknowledged_by"]) == (200, "ACKNOWLEDGED", "story")
        status, problem = await world.post(b"", f"/api/v1/incidents/{name}/acknowledge")
        assert status == 409
        assert "already acknowledged by story" in problem["detail"]
        sent = len(world.outside.ovh.inbox.messages)
        await world.advance(minutes=60)
        assert len(world.outside.ovh.inbox.messages) == sent
        status, problem = await world.post({}, f"/api/v1/incidents/{name}/resolve/")
        assert (status, problem["errors"][0]["field"]) == (422, "note")
        status, shown = await world.post({"note": "Done", "root_cause": "Disk"}, f"/api/v1/incidents/{name}/resolve/")
        assert (status, shown["status"], shown["resolution_note"]) == (200, "RESOLVED", "Done")
        assert shown["kpis"]["mttr_seconds"] == pytest.approx(68 * 60, abs=10)
        await world.settle()
        assert "Resolved by story" in world.card().words
        assert (await world.get(f"/api/v1/incidents/{shown['id']}/"))[1] == shown


async def test_a_list_filters_searches_orders_and_pages(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        for number in range(5):
            severity = "critical" if number % 2 else "info"
            title = f"Number {number} 100%"
            await world.alert(title, severity=severity, group=f"g{number}", fingerprint=f"f{number}")

        async def titles(query: str) -> list[str]:
            status, body = await world.get(f"/api/v1/incidents/?{query}")
            assert status == 200, body
            return [incident["title"] for incident in body["results"]]

        assert len(await titles("severity=SEV1")) == 2
        assert len(await titles("severity=SEV1_CRITICAL,SEV3_MEDIUM&status=triggered")) == 5
        assert await titles("search=number%203") == ["Number 3 100%"]
        assert await titles("search=100%25_") == []
        assert await titles("ordering=created_at&page_size=2&page=2") == ["Number 2 100%", "Number 3 100%"]
        assert len(await titles("service=redis&team=sre%20core")) == 5
        body = (await world.get("/api/v1/incidents?page_size=2&page=2"))[1]
        assert body["count"] == 5
        assert "page=3" in body["next"]
        assert "page=1" in body["previous"]


@pytest.mark.parametrize(
    "query",
    ["status=open", "severity=bad", "service=nope", "team=nope", "ordering=lead", "page=0", "page_size=101", "x=1"],
)
async def test_a_wrong_parameter_is_named(sqlite_url: str, query: str) -> None:
    async with world_on(sqlite_url) as world:
        status, problem = await world.get(f"/api/v1/incidents/?{query}")
        assert status == 422
        assert problem["errors"][0]["field"] == query.partition("=")[0]


async def test_who_may(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        name = await opened(world)
        reader = await world.app.use_cases.tokens.create("reader", ["read"], TESTER)
        ingest = await world.app.use_cases.tokens.create("ingest", ["ingest"], TESTER)
        address = f"/api/v1/incidents/{name}/"
        assert (await world.get(address, token=reader))[0] == 200
        assert (await world.get(address, token=ingest))[0] == 403
        assert (await world.post({}, f"{address}acknowledge/", token=reader))[0] == 403
        assert (await world.get("/api/v1/incidents/INC-NOPE99/"))[0] == 404
        assert (await world.post({"nope": "1"}, f"{address}acknowledge/"))[1]["errors"][0]["field"] == "nope"
        assert (await world.post({"text": 7}, f"{address}notes/"))[1]["errors"][0]["field"] == "text"
        assert (await world.post([], f"{address}notes/"))[0] == 422
        assert (await world.post({"text": "Looking at it"}, f"{address}notes/"))[0] == 200
        await world.settle()
        assert world.card().reply("Looking at it")


async def test_receipts_tell_what_went_where(world: World) -> None:
    name = await opened(world)
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)
    world.outside.ovh.refused_numbers.add("+33600000002")
    await world.advance(minutes=5)
    world.direct("john")
    card.reply("step 2 of 5")
    card.reply("not reached")
    _, receipts = await world.get(f"/api/v1/incidents/{name}/notifications/")
    by_channel = {receipt["channel"]: receipt for receipt in receipts["results"] if receipt["step"] == 2}
    assert by_channel["SLACK"]["state"] == "sent"
    assert by_channel["SLACK"]["reference"]
    assert by_channel["SMS"]["state"] == "failed"
    assert "+33600000002" in by_channel["SMS"]["failure"]
    assert [attempt["outcome"] for attempt in by_channel["SMS"]["attempts"]] == ["failed"]


async def test_health(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        assert (await world.get("/healthz"))[0] == 200
        status, body = await world.get("/readyz")
        assert status == 200, body
        await world.outside.slack.go_down("refuse", sockets=True)
        await world.outside.workspace.wait_for(lambda: not world.outside.slack.sockets.links or True)
        for _ in range(100):
            status, body = await world.get("/readyz")
            if status == 503:
                break
        assert status == 503
        assert not body["checks"]["socket"]["ok"]


async def test_declared_by_the_api_it_escalates_as_any_other(database_url: str) -> None:
    async with world_on(database_url) as world:
        said = {"title": "Redis is slow", "service": "redis", "severity": "SEV1_CRITICAL", "description": "p99 at 4 s"}
        status, shown = await world.post(said, "/api/v1/incidents/")
        assert (status, shown["service"], shown["team"], shown["source"]) == (201, "redis-prod", "SRE Core", "api")
        assert [(entry["event"], entry["by"]) for entry in shown["timeline"]] == [("created", "story")]
        await world.settle()
        assert "p99 at 4 s" in world.card("Redis is slow").words
        await world.advance(minutes=5)
        world.phone("+33600000002").expect_sms()
        assert (await world.post({"title": "Redis is slow", "severity": "SEV4"}, "/api/v1/incidents"))[0] == 201


async def test_declared_twice_with_one_key_it_is_one(database_url: str) -> None:
    async with world_on(database_url) as world:
        said = {"title": "Redis is slow", "severity": "SEV2"}
        address, headers = "/api/v1/incidents/", {"Authorization": f"Token {world.token}", "Idempotency-Key": "k1"}

        async def declare() -> str:
            async with world.http.post(address, headers=headers, json=said) as answer:
                assert answer.status == 201
                return str((await answer.json())["short_id"])

        names = await asyncio.gather(*(declare() for _ in range(8)))
        assert len(set(names)) == 1
        assert (await world.get(address))[1]["count"] == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"severity": "SEV1"}, "title"),
        ({"title": "  ", "severity": "SEV1"}, "title"),
        ({"title": "x" * 251, "severity": "SEV1"}, "title"),
        ({"title": "x"}, "severity"),
        ({"title": "x", "severity": "bad"}, "severity"),
        ({"title": "x", "severity": "SEV1", "service": "nope"}, "service"),
        ({"title": "x", "severity": "SEV1", "status": "RESOLVED"}, "status"),
    ],
)
async def test_a_wrong_declaration_names_the_field(sqlite_url: str, said: dict[str, str], field: str) -> None:
    async with world_on(sqlite_url) as world:
        status, problem = await world.post(said, "/api/v1/incidents/")
        assert (status, [error["field"] for error in problem["errors"]]) == (422, [field])
        assert (await world.get("/api/v1/incidents/"))[1]["count"] == 0
