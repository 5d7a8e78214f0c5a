"""The API and Slack are asked the same, and say the same: what there is, what good practice finds, who is paged, what
somebody may. That figures agree is in test_reports.py."""

from __future__ import annotations

from typing import Any

from domain.people import Actor, Role
from tests.world import World, read, world_on

ADMIN = Actor(key="test", name="test", role=Role.ADMIN)
SHORT = "Title: Restart the cluster\nService: redis-prod\nSteps: [{title: Restart, command: systemctl restart redis}]\n"


async def said(world: World, command: str, text: str, name: str = "ada") -> str:
    answer = await world.command(command, text, as_=name)
    assert answer is not None, text
    return answer.words


async def listed(world: World, path: str) -> list[dict[str, Any]]:
    status, body = await world.get(f"/api/v1/{path}")
    assert status == 200, body
    return list(body["results"])


async def test_lists_and_findings(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), read("guide.yaml"), SHORT]) as world:
        policies, runbooks = await said(world, "/policy", "list"), await said(world, "/runbook", "list")
        for one in await listed(world, "policies/"):
            assert one["name"] in policies
        for one in await listed(world, "runbooks/"):
            assert one["title"] in runbooks
        _, book = await world.get("/api/v1/runbooks/Restart%20the%20cluster/")
        told = await said(world, "/runbook", "lint Restart the cluster")
        assert {finding["rule"] for finding in book["findings"]} >= {"rollback", "final-verification"}
        for finding in book["findings"]:
            if finding["severity"] != "info":
                assert finding["rule"] in told or finding["message"].lower()[:20] in told.lower(), finding
        world.finish()


async def test_a_night_foretold(world: World) -> None:
    told = await said(world, "/policy", "simulate redis SEV1 2026-12-01 03:00")
    status, night = await world.get("/api/v1/simulate/?service=redis&severity=SEV1&at=2026-12-01T03:00")
    assert status == 200
    assert (night["service"], night["policy"]["name"]) == ("redis-prod", "SRE Core - SEV1")
    names = {page["name"] for step in night["steps"] for page in step["pages"] if "@" not in page["address"]}
    people = {one["name"] for one in await listed(world, "people/")}
    assert names & people
    for name in names & people:
        assert name in told
    for minute in {step["minute"] for step in night["steps"]}:
        assert f"T+{minute}" in told
    assert (await world.get("/api/v1/simulate/?service=nothing&severity=SEV1"))[0] == 404
    status, wrong = await world.get("/api/v1/simulate/?severity=9&at=soon&colour=red")
    assert (status, {one["field"] for one in wrong["errors"]}) == (422, {"service", "severity", "at", "colour"})
    world.finish()


async def test_what_somebody_may(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        reader = await world.app.use_cases.tokens.create("reader", ["read"], ADMIN)
        (name,) = [(await world.alert())["incident"]["short_id"]]
        # Mona is in Slack and in no catalog: a responder, who changes no severity; neither does a token that reads.
        refused = await said(world, "/incident", f"severity {name} SEV3", name="mona")
        path = f"/api/v1/incidents/{name}/severity/"
        assert (await world.post({"severity": "SEV3"}, path, token=reader))[0] == 403
        assert "operator" in refused
        assert (await listed(world, "incidents/"))[0]["severity"] == "SEV1_CRITICAL"
        assert (await world.post({"severity": "SEV3"}, path))[0] == 200
        assert (await listed(world, "incidents/"))[0]["severity"] == "SEV3_MEDIUM"
