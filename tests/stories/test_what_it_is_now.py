"""An incident that an alert makes worse: whoever is woken is told what it is now, wherever they look."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.stories.test_lifecycle import catalog
from tests.stories.test_mixed_groups import together
from tests.world import World, alert_body, world_on

NEARLY = alert_body("Disk at 80 %", severity="info", description="/var has 4 GB left")
FULL = alert_body("Disk full", fingerprint="f2", description="PostgreSQL can't write")


@pytest.fixture
async def world(sqlite_url: str) -> Any:
    async with world_on(sqlite_url, catalog=catalog()) as running:
        yield running
        assert not running.outside.workspace.refused, running.outside.workspace.refused


async def came(world: World, body: Any) -> str:
    _, answer = await world.post(body)
    await world.settle()
    return str(answer["incident"]["short_id"])


async def test_what_makes_it_worse_is_what_it_is_called(world: World) -> None:
    name = await came(world, NEARLY)
    await came(world, FULL)
    await world.advance(minutes=6)
    card = world.card()
    assert card.words.startswith("🔴 SEV1 · Disk full")
    assert "PostgreSQL can't write\nDisk at 80 %\n/var has 4 GB left" in card.words
    card.reply("raised the severity from SEV3 to SEV1", "Now: Disk full; before: Disk at 80 %.")
    assert "Disk full" in world.direct("john").words
    (sms,) = world.outside.ovh.inbox.messages
    assert "Disk full" in sms.text and "80" not in sms.text
    assert "Disk full" in (await world.home("john")).words
    _, incident = await world.get(f"/api/v1/incidents/{name}/")
    assert incident["title"] == "Disk full"
    _, found = await world.get("/api/v1/incidents/?search=80")
    assert found["count"] == 1


async def test_a_page_that_is_on_its_way_as_it_gets_worse_says_so_too(world: World) -> None:
    await came(world, NEARLY)
    faults = world.outside.slack.faults
    faults.delay("chat.postMessage", 1)
    world.clock.push(timedelta(minutes=6))
    world.app.worker.wake()
    while not faults.delayed:
        await asyncio.sleep(0.005)
    await world.post(FULL)
    faults.delay("chat.postMessage", 0)
    await world.settle()
    assert "🔴 SEV1 · Disk full" in world.direct("john").words


async def test_one_that_is_worse_in_other_words_is_called_by_these(world: World) -> None:
    for said in ({"title": "Disk at 80 %", "severity": "P3"}, {"title": "Disk at 97 %", "severity": "P1"}):
        await world.post({"key": "disk", "service": "redis-prod", **said}, "/api/v1/webhooks/generic/")
    await world.settle()
    assert world.card().words.startswith("🔴 SEV1 · Disk at 97 %")


async def test_what_is_no_worse_changes_no_name(world: World) -> None:
    await came(world, FULL)
    await came(world, NEARLY)
    assert world.card().words.startswith("🔴 SEV1 · Disk full")
    assert "PostgreSQL can't write" in world.card().words


async def test_of_several_that_come_at_once_the_worst_is_what_it_is_called(world: World) -> None:
    await came(world, together(NEARLY, FULL))
    assert world.card().words.startswith("🔴 SEV1 · Disk full")
    assert "PostgreSQL can't write\n/var has 4 GB left" in world.card().words


async def test_what_somebody_has_declared_keeps_their_words(world: World) -> None:
    _, declared = await world.post({"title": "Nobody can pay", "severity": "SEV3_MEDIUM"}, "/api/v1/incidents/")
    duplicate = await came(world, NEARLY)
    await world.post({"into": declared["short_id"]}, f"/api/v1/incidents/{duplicate}/merge/")
    await came(world, together(NEARLY, FULL))
    _, incident = await world.get(f"/api/v1/incidents/{declared['short_id']}/")
    assert (incident["title"], incident["severity"]) == ("Nobody can pay", "SEV1_CRITICAL")
